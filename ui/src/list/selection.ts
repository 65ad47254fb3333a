// Selecting rows of a list, and clicking a row to open its record.
const rowsOf = (list: Element) => [...list.querySelectorAll<HTMLTableRowElement>("tbody tr[data-id]")];

function refresh(list: Element): void {
  const boxes = [...list.querySelectorAll<HTMLInputElement>("tbody input[name=id]")];
  const chosen = boxes.filter((box) => box.checked);
  rowsOf(list).forEach((row) => {
    row.toggleAttribute("data-selected", row.querySelector<HTMLInputElement>("input[name=id]")?.checked ?? false);
  });
  const bar = list.querySelector<HTMLElement>("[data-selection]");
  if (bar) {
    bar.hidden = chosen.length === 0;
    const text = bar.querySelector<HTMLElement>("[data-selected-text]");
    if (text) text.textContent = (text.dataset.selectedText ?? "").replace("{n}", String(chosen.length));
  }
  const all = list.querySelector<HTMLInputElement>("[data-select-all]");
  if (all) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
}

let last: HTMLInputElement | null = null;

document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  const list = box.closest("[data-list]");
  if (!list) return;
  if (box.matches("[data-select-all]")) {
    list.querySelectorAll<HTMLInputElement>("tbody input[name=id]").forEach((each) => (each.checked = box.checked));
  } else if (!box.matches("tbody input[name=id]")) return;
  refresh(list);
});

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-clear-selection]")) {
    const list = target.closest("[data-list]")!;
    list.querySelectorAll<HTMLInputElement>("tbody input[name=id]").forEach((each) => (each.checked = false));
    refresh(list);
    return;
  }
  const box = target.closest<HTMLInputElement>("tbody input[name=id]");
  if (box) {
    extendSelection(box, (event as MouseEvent).shiftKey);
    return;
  }
  const row = target.closest<HTMLTableRowElement>("[data-list] tbody tr[data-id]");
  if (!row || target.closest("a, button, input, select, textarea, form, label")) return;
  if (target.closest("td")?.matches(":first-child")) {
    row.querySelector<HTMLInputElement>("input[name=id]")?.click();
    return;
  }
  if (window.getSelection()?.toString()) return;
  const link = row.querySelector<HTMLAnchorElement>(".fs-title-cell a");
  if (!link) return;
  const { ctrlKey, metaKey } = event as MouseEvent;
  if (ctrlKey || metaKey) window.open(link.href, "_blank", "noopener");
  else location.assign(link.href);
});

/** With Shift, everything between the last box and this one takes this one's state. */
function extendSelection(box: HTMLInputElement, shift: boolean): void {
  const list = box.closest("[data-list]")!;
  const boxes = [...list.querySelectorAll<HTMLInputElement>("tbody input[name=id]")];
  if (shift && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b) as [number, number];
    boxes.slice(from, to + 1).forEach((each) => (each.checked = box.checked));
    refresh(list);
  }
  last = box;
}

document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-list]").forEach(refresh);
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-list]").forEach(refresh));
