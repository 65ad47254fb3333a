// Moving through a list by keyboard: j and k (or the arrows) between rows, x selects, Enter opens; the left and
// right arrows go through a row's cells, where Enter or F2 edits.
import { isTyping } from "../shell";
import { editCell } from "./cells";

const rows = () => [...document.querySelectorAll<HTMLTableRowElement>("[data-list] tbody tr[data-id]")];

function focusRow(row: HTMLTableRowElement | undefined): void {
  if (!row) return;
  rows().forEach((each) => each.toggleAttribute("data-current", each === row));
  row.querySelector<HTMLElement>(".fs-title-cell a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function focusCell(cell: Element | null | undefined): void {
  if (!(cell instanceof HTMLTableCellElement)) return;
  const link = cell.matches(".fs-title-cell") ? cell.querySelector<HTMLElement>("a") : null;
  if (!link) cell.tabIndex = -1;
  (link ?? cell).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || (event.target as Element).closest?.(".dropdown-menu.show, [data-bs-toggle]")) return;
  const all = rows();
  if (all.length === 0) return;
  const target = event.target as Element;
  const inside = target.closest?.<HTMLTableRowElement>("[data-list] tbody tr[data-id]");
  const row = inside ?? all.find((each) => each.hasAttribute("data-current"));
  const at = row ? all.indexOf(row) : -1;
  const cell = target.closest?.("td");
  const key = event.key;
  if (key === "j" || (key === "ArrowDown" && inside)) focusRow(all[Math.min(at + 1, all.length - 1)]);
  else if (key === "k" || (key === "ArrowUp" && inside)) focusRow(all[Math.max(at - 1, 0)]);
  else if (key === "x" && row) row.querySelector<HTMLInputElement>("input[name=id]")?.click();
  else if (key === "ArrowRight" && cell) focusCell(cell.nextElementSibling);
  else if (key === "ArrowLeft" && cell) focusCell(cell.previousElementSibling);
  else if ((key === "F2" || (key === "Enter" && target === cell)) && cell?.matches("[data-e]")) editCell(cell);
  else return;
  event.preventDefault();
});
