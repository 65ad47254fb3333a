// Choosing everything that a list shows, beyond the rows that are loaded.
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const button = target.closest<HTMLElement>("[data-choose-all]");
  const clear = target.closest("[data-clear-selection]");
  const list = (button ?? clear)?.closest("[data-list]");
  if (!list) return;
  const all = list.querySelector<HTMLInputElement>("input[name=all]");
  if (all) all.value = button ? "1" : "";
  list.querySelectorAll<HTMLElement>("[data-some-only]").forEach((each) => (each.hidden = Boolean(button)));
  const text = list.querySelector<HTMLElement>("[data-selected-text]");
  if (button && text) text.textContent = button.dataset.chooseAll ?? "";
});
document.addEventListener("change", (event) => {
  const box = event.target as HTMLElement;
  const list = box.matches?.("[data-list] tbody input[name=id], [data-select-all]") ? box.closest("[data-list]") : null;
  const all = list?.querySelector<HTMLInputElement>("input[name=all]");
  if (!list || !all || all.value === "") return;
  all.value = "";
  list.querySelectorAll<HTMLElement>("[data-some-only]").forEach((each) => (each.hidden = false));
});
