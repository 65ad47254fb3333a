// Entries of a calendar: dragged to another day, or sent there by the dialog; a click on an empty part of a day makes one.
import Sortable from "sortablejs";
import { openFor, send } from "./send";

const calendar = () => document.querySelector<HTMLElement>("[data-calendar]");

/** Tell the server; the whole calendar comes back. What it refuses goes back to its day. */
async function moved(entry: HTMLElement, day: string, back: () => void): Promise<void> {
  const place = calendar();
  if (!place) return;
  const url = `${place.dataset.calendar}/${entry.dataset.id}/reschedule${place.dataset.query ?? ""}`;
  entry.toggleAttribute("data-busy", true);
  if (!(await send(url, place, { day, version: entry.dataset.version ?? "" })) && entry.isConnected) {
    entry.removeAttribute("data-busy");
    back();
  }
}

function start(): void {
  const place = calendar();
  if (!place?.hasAttribute("data-movable")) return;
  place.querySelectorAll<HTMLElement>("[data-entries]").forEach((list) => {
    Sortable.create(list, {
      group: "days", draggable: ".fs-event[data-id]", sort: false, animation: 120, forceFallback: true, fallbackOnBody: true,
      delay: 180, delayOnTouchOnly: true, filter: "button", preventOnFilter: false,
      onEnd: ({ item, from, to }) => {
        const day = to.closest<HTMLElement>("[data-day]")?.dataset.day;
        if (day && to !== from) void moved(item, day, () => from.append(item));
      },
    });
  });
}

let chosen: HTMLElement | null = null;
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const menu = document.querySelector<HTMLDialogElement>("#day-menu");
  const opener = target.closest<HTMLElement>("[data-reschedule]");
  if (opener && menu) {
    chosen = opener.closest<HTMLElement>("[data-id]");
    menu.querySelector<HTMLInputElement>("#day-input")!.value = opener.closest<HTMLElement>("[data-day]")?.dataset.day ?? "";
    openFor(menu, chosen?.querySelector("a span")?.textContent ?? "");
    return;
  }
  const day = target.closest<HTMLElement>("[data-day]");
  if (day && !target.closest("a, button, .fs-event")) day.querySelector<HTMLAnchorElement>(".fs-day-add")?.click();
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches("[data-day-form]") || !chosen) return;
  const day = form.querySelector<HTMLInputElement>("#day-input")!.value;
  void moved(chosen, day, () => {});
});

document.addEventListener("htmx:afterSettle", (event) => {
  if ((event as CustomEvent).detail.elt?.matches?.("[data-calendar]")) start();
});
start();
