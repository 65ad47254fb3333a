// Deleting the selected rows: they leave the list, and come back when the toast's Undo restores them.
import htmx from "htmx.org";

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest("[data-delete-selected]");
  const form = button?.closest("form");
  if (!form) return;
  const everything = form.querySelector<HTMLInputElement>("input[name=all]")?.value === "1";
  if (everything) void htmx.ajax("post", form.dataset.ask!, { target: "#dialogs", swap: "innerHTML", values: { all: "1", op: "delete" } });
  else htmx.trigger(form, "fs:delete", {});
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = (event as CustomEvent).detail;
  if (xhr.status < 200 || xhr.status >= 400) return; // `successful` is also true of refusals that are shown
  if ((elt as Element).matches(".fs-list-body")) {
    document.querySelectorAll("[data-list] tbody input[name=id]:checked").forEach((box) => box.closest("tr")?.remove());
    const list = document.querySelector("[data-list]");
    list?.querySelector("[data-clear-selection]")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    if (list && !list.querySelector("tbody tr")) location.reload();
    else if (list) void htmx.ajax("get", location.href, { target: "#count", select: "#count", swap: "outerHTML" });
  } else if ((elt as Element).matches("[data-undo]")) {
    (elt as Element).closest(".fs-toast")?.remove();
    if (document.querySelector("[data-list], [data-board], [data-calendar]")) location.reload();
  }
});
