// The columns chooser: which columns, in which order; kept for this list in this browser.
import { remember } from "../shell";

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const up = target.closest("[data-column-up]");
  if (up) {
    const item = up.closest("li")!;
    item.previousElementSibling?.before(item);
    up.closest<HTMLButtonElement>("button")?.focus();
    return;
  }
  const save = target.closest<HTMLElement>("[data-columns-save]");
  const reset = target.closest<HTMLElement>("[data-columns-reset]");
  const panel = target.closest<HTMLElement>("[data-columns]");
  if (!panel || (!save && !reset)) return;
  const chosen = [...panel.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value);
  remember(panel.dataset.columns!, reset ? "" : chosen.join(","), panel.dataset.path);
  location.reload();
});
