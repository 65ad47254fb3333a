// Cards of a board: dragged between columns, or sent by the move menu.
import Sortable from "sortablejs";
import { openFor, send } from "./send";

const board = () => document.querySelector<HTMLElement>("[data-board]");
const listOf = (value: string) =>
  [...document.querySelectorAll<HTMLElement>("[data-column]")].find((column) => column.dataset.column === value)?.querySelector<HTMLElement>("[data-cards]");

/** Tell the server that a card lies in another column now; without its consent the card goes back. */
async function moved(card: HTMLElement, from: HTMLElement, next: Element | null): Promise<void> {
  const place = board();
  const column = card.closest<HTMLElement>("[data-column]");
  if (!place || !column || card.parentElement === from) return;
  card.toggleAttribute("data-busy", true);
  const url = `${place.dataset.board}/${card.dataset.id}/move${place.dataset.query ?? ""}`;
  const taken = await send(url, card, { value: column.dataset.column ?? "", version: card.dataset.version ?? "" });
  if (taken) {
    const now = column.querySelector<HTMLElement>(`[data-id="${card.dataset.id}"] [data-move]`);
    now?.focus({ preventScroll: true });
  } else if (card.isConnected) {
    card.removeAttribute("data-busy");
    from.insertBefore(card, next && next.parentElement === from ? next : null);
    card.querySelector<HTMLElement>("[data-move]")?.focus({ preventScroll: true });
  }
}

function start(): void {
  const place = board();
  if (!place?.hasAttribute("data-movable")) return;
  const before = new WeakMap<HTMLElement, Element | null>();
  place.querySelectorAll<HTMLElement>("[data-cards]").forEach((list) => {
    Sortable.create(list, {
      group: "board", draggable: ".fs-board-card", sort: false, animation: 120, forceFallback: true, fallbackOnBody: true,
      delay: 180, delayOnTouchOnly: true, filter: "a, button", preventOnFilter: false, scrollSensitivity: 80,
      onStart: ({ item }) => before.set(item, item.nextElementSibling),
      onEnd: ({ item, from }) => void moved(item, from, before.get(item) ?? null),
    });
  });
}

let chosen: HTMLElement | null = null;
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const menu = document.querySelector<HTMLDialogElement>("#move-menu");
  const opener = target.closest<HTMLElement>("[data-move]");
  if (opener && menu) {
    chosen = opener.closest<HTMLElement>("[data-id]");
    const here = opener.closest<HTMLElement>("[data-column]")?.dataset.column;
    menu.querySelectorAll<HTMLButtonElement>("[data-move-to]").forEach((button) => (button.disabled = button.dataset.moveTo === here));
    openFor(menu, chosen?.querySelector("a")?.textContent ?? "");
    return;
  }
  const choice = target.closest<HTMLElement>("[data-move-to]");
  if (!choice || !menu || !chosen) return;
  menu.close();
  const list = listOf(choice.dataset.moveTo ?? "");
  const from = chosen.parentElement;
  if (!list || !from) return;
  const next = chosen.nextElementSibling;
  list.prepend(chosen);
  void moved(chosen, from, next);
});

start();
