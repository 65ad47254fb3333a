// Rows of a list that is sorted by hand are dragged by their handle, or moved by its arrow keys.
import htmx from "htmx.org";

const KEPT = "fs-moved";
const handles = () => [...document.querySelectorAll<HTMLButtonElement>("td [data-move]")];
let dragged: HTMLElement | null = null;

// Only a list in that very order can be put in another one.
function tell(): void {
  for (const handle of handles()) {
    const cell = handle.closest("td")!;
    const head = cell.closest("table")?.querySelectorAll("thead th")[cell.cellIndex];
    handle.hidden = head?.getAttribute("aria-sort") !== "ascending";
  }
}

const rowOf = (node: EventTarget | null) => (node as Element | null)?.closest<HTMLElement>("tr[data-id]") ?? null;

function send(row: HTMLElement, side: "before" | "after", other: HTMLElement): void {
  const list = row.closest<HTMLElement>("[data-list]");
  const handle = row.querySelector<HTMLElement>("[data-move]");
  if (!list || !handle || row === other) return;
  sessionStorage.setItem(KEPT, row.dataset.id!);
  const address = `${list.dataset.list}/${row.dataset.id}/move/${encodeURIComponent(handle.dataset.move!)}`;
  void htmx.ajax("post", address, { values: { [side]: other.dataset.id! }, swap: "none" });
}

document.addEventListener("keydown", (event) => {
  const handle = (event.target as Element).closest<HTMLElement>("[data-move]");
  const row = rowOf(handle);
  if (!handle || !row || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const up = event.key === "ArrowUp";
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (other instanceof HTMLElement && other.dataset.id) send(row, up ? "before" : "after", other);
}, true);

document.addEventListener("dragstart", (event) => {
  if (!(event.target as Element).closest?.("[data-move]")) return;
  dragged = rowOf(event.target);
  dragged?.setAttribute("data-dragged", "");
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const over = rowOf(event.target);
  if (!dragged || !over) return;
  event.preventDefault();
  mark(over, isBelow(event, over));
});

document.addEventListener("drop", (event) => {
  const over = rowOf(event.target);
  if (!dragged || !over) return;
  event.preventDefault();
  send(dragged, isBelow(event, over) ? "after" : "before", over);
});

document.addEventListener("dragend", () => {
  dragged?.removeAttribute("data-dragged");
  dragged = null;
  mark(null, false);
});

const isBelow = (event: DragEvent, row: HTMLElement) => {
  const { top, height } = row.getBoundingClientRect();
  return event.clientY > top + height / 2;
};

function mark(row: HTMLElement | null, below: boolean): void {
  document.querySelectorAll("[data-drop]").forEach((each) => each !== row && each.removeAttribute("data-drop"));
  row?.setAttribute("data-drop", below ? "after" : "before");
}

function begin(): void {
  tell();
  const moved = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (moved) document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(moved)}"] [data-move]`)?.focus();
}

document.addEventListener("htmx:afterSettle", tell);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
