// Picking a record by typing: an ARIA combobox over the lookup of forms. The hidden input holds the id.
interface Found { id: string; $title: string; $hint?: string }

const WAIT = 150;
const timers = new WeakMap<HTMLElement, number>();
let number = 0;

const parts = (box: HTMLElement) => ({
  input: box.querySelector<HTMLInputElement>("[role=combobox]")!,
  list: box.querySelector<HTMLElement>("[role=listbox]")!,
  id: box.querySelector<HTMLInputElement>("[data-pick-id]")!,
});
const boxOf = (target: EventTarget | null) => (target as Element | null)?.closest?.<HTMLElement>("[data-pick]") ?? null;

async function find(box: HTMLElement, words: string): Promise<void> {
  const { input, list } = parts(box);
  const join = box.dataset.pick!.includes("?") ? "&" : "?";
  const answer = await fetch(`${box.dataset.pick}${join}q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || input.value.trim() !== words) return;
  const { results } = (await answer.json()) as { results: Found[] };
  list.id ||= `pick-${++number}`;
  input.setAttribute("aria-controls", list.id);
  list.replaceChildren(...results.map((each, at) => {
    const option = document.createElement("li");
    option.id = `${list.id}-${at}`;
    option.role = "option";
    option.dataset.id = each.id;
    option.dataset.title = each.$title;
    option.textContent = each.$title;
    if (each.$hint) {
      const hint = document.createElement("small");
      hint.textContent = each.$hint;
      option.append(" ", hint);
    }
    return option;
  }));
  show(box, results.length > 0);
}

function show(box: HTMLElement, open: boolean): void {
  const { input, list } = parts(box);
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) input.removeAttribute("aria-activedescendant");
}

function choose(box: HTMLElement, option: HTMLElement): void {
  const { input, id } = parts(box);
  id.value = option.dataset.id ?? "";
  input.value = option.dataset.title ?? "";
  show(box, false);
  id.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const box = boxOf(event.target);
  if (!box) return;
  const { input, id } = parts(box);
  id.value = "";
  window.clearTimeout(timers.get(box));
  timers.set(box, window.setTimeout(() => void find(box, input.value.trim()), WAIT));
});
document.addEventListener("focusin", (event) => {
  const box = boxOf(event.target);
  if (box && event.target === parts(box).input && !parts(box).id.value) void find(box, parts(box).input.value.trim());
});
document.addEventListener("focusout", (event) => {
  const box = boxOf(event.target);
  if (box) window.setTimeout(() => show(box, false), 100);
});
document.addEventListener("mousedown", (event) => {
  const option = (event.target as Element).closest<HTMLElement>("[data-pick] [role=option]");
  if (!option) return;
  event.preventDefault();
  choose(boxOf(option)!, option);
});
document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  if (!box) return;
  const { input, list } = parts(box);
  const options = [...list.querySelectorAll<HTMLElement>("[role=option]")];
  const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const go = (to: number) => {
    options.forEach((each, index) => each.setAttribute("aria-selected", String(index === to)));
    if (options[to]) input.setAttribute("aria-activedescendant", options[to].id);
    options[to]?.scrollIntoView({ block: "nearest" });
  };
  if (event.key === "ArrowDown" && list.hidden) void find(box, input.value.trim());
  else if (event.key === "ArrowDown") go(Math.min(at + 1, options.length - 1));
  else if (event.key === "ArrowUp") go(Math.max(at - 1, 0));
  else if (event.key === "Enter" && !list.hidden && options[Math.max(at, 0)]) choose(box, options[Math.max(at, 0)]!);
  else if (event.key === "Escape" && !list.hidden) show(box, false);
  else return;
  event.preventDefault();
  event.stopPropagation();
});
