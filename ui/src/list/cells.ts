// Editing one cell where it stands. The server gives the editor and, after saving, the whole row, so computed
// columns are right too. Escape puts the old content back; leaving the cell saves what was changed.
import htmx from "htmx.org";

const before = new WeakMap<Element, string>();

/** Turn a cell into its editor. */
export function editCell(cell: Element): void {
  if (cell.hasAttribute("data-editing")) return;
  const row = cell.closest<HTMLElement>("tr[data-id]");
  const list = cell.closest<HTMLElement>("[data-list]");
  const field = (cell as HTMLElement).dataset.e;
  if (!row || !list || !field) return;
  cell.querySelector(".fs-pencil")?.remove();
  before.set(cell, cell.innerHTML);
  const address = `${list.dataset.list}/${row.dataset.id}/cell/${encodeURIComponent(field)}${location.search}`;
  void htmx.ajax("get", address, { target: cell as HTMLElement, swap: "innerHTML" });
}

function cancel(cell: Element): void {
  const html = before.get(cell);
  if (html === undefined) return;
  cell.removeAttribute("data-editing");
  cell.innerHTML = html;
  (cell as HTMLElement).tabIndex = -1;
  (cell as HTMLElement).focus();
}

function state(form: HTMLFormElement): string {
  return new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString();
}

document.addEventListener("htmx:afterSwap", (event) => {
  const cell = event.target as HTMLElement;
  if (!cell.matches?.("td[data-e]")) return;
  const form = cell.querySelector<HTMLFormElement>(".fs-cell-form");
  if (!form) return;
  cell.setAttribute("data-editing", "");
  if (!form.dataset.kept) form.dataset.start = state(form);
  const control = form.querySelector<HTMLElement>("[autofocus], input:not([type=hidden]), select, textarea");
  control?.focus();
  if (control instanceof HTMLInputElement && control.type !== "checkbox") control.select();
});

// One pencil for all cells: it goes where the pointer is, so that rows stay light.
document.addEventListener("mouseover", (event) => {
  const cell = (event.target as Element).closest?.("td[data-e]:not([data-editing])");
  const template = document.querySelector<HTMLTemplateElement>("#pencil");
  if (!cell || !template || cell.querySelector(".fs-pencil")) return;
  document.querySelectorAll(".fs-table .fs-pencil").forEach((each) => each.remove());
  cell.append(template.content.cloneNode(true));
});

document.addEventListener("click", (event) => {
  const pencil = (event.target as Element).closest(".fs-pencil");
  if (pencil) editCell(pencil.closest("td")!);
});
document.addEventListener("dblclick", (event) => {
  const cell = (event.target as Element).closest("td[data-e]");
  if (cell) editCell(cell);
});
document.addEventListener("keydown", (event) => {
  const form = (event.target as Element).closest?.(".fs-cell-form");
  if (form && event.key === "Escape") {
    event.stopPropagation();
    cancel(form.closest("td")!);
  }
});
document.addEventListener("focusout", (event) => {
  const form = (event.target as Element).closest?.<HTMLFormElement>(".fs-cell-form");
  if (!form || form.contains((event as FocusEvent).relatedTarget as Node | null)) return;
  window.setTimeout(() => {
    if (!form.isConnected || form.contains(document.activeElement) || form.dataset.sent) return;
    if (state(form) === form.dataset.start) cancelQuietly(form.closest("td")!);
    else form.requestSubmit();
  }, 0);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target as HTMLElement;
  if (form.matches?.(".fs-cell-form")) form.dataset.sent = "1";
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target as HTMLElement;
  if (form.matches?.(".fs-cell-form")) delete form.dataset.sent;
});

/** Back to reading without taking the focus from where it went. */
function cancelQuietly(cell: Element): void {
  const html = before.get(cell);
  if (html === undefined) return;
  cell.removeAttribute("data-editing");
  cell.innerHTML = html;
}
