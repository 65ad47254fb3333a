// A link's control: finds records while one types. An ARIA combobox: arrows move, Enter chooses, Escape closes.
import { ask } from "./requests";
import type { Linked } from "./types";
import type { Place } from "./widgets";

const WAIT = 150;
const combos = new WeakMap<HTMLElement, Combo>();
let number = 0;

export class Combo {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly clear: HTMLElement;
  private id: string | null = null;
  private title = "";
  private found: Linked[] = [];
  private at = -1;
  private timer = 0;
  private asked = 0;
  // Which kind of record is looked for, where the field may lead to several.
  target: (() => string) | null = null;

  static of(place: Place): Combo {
    let combo = combos.get(place.element);
    if (!combo) combos.set(place.element, (combo = new Combo(place)));
    return combo;
  }

  private constructor(private readonly place: Place) {
    this.input = place.element.querySelector<HTMLInputElement>("[role=combobox]")!;
    this.list = place.element.querySelector<HTMLElement>("[role=listbox]")!;
    this.clear = place.element.querySelector<HTMLElement>(".fs-combo-clear")!;
    this.list.id = `combo-${++number}`;
    this.input.setAttribute("aria-controls", this.list.id);
    this.list.setAttribute("aria-label", place.field.title);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => window.setTimeout(() => this.left(), 0));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = (event.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.choose(this.found[Number(option.dataset.at)]);
    });
    this.clear.addEventListener("click", () => {
      this.choose(undefined);
      this.input.focus();
    });
  }

  // The record's id; or what was typed and is no record, for the server to refuse.
  get value(): string | null {
    const typed = this.input.value.trim();
    if (typed === "") return null;
    return typed === this.title ? this.id : typed;
  }

  set(value: unknown): void {
    const id = typeof value === "object" && value !== null ? String((value as Linked).id) : (value as string | null);
    this.id = id ?? null;
    this.title = id ? this.place.form.linked[id]?.$title ?? this.place.form.texts["form.unseen"] ?? id : "";
    this.input.value = this.title;
    this.clear.hidden = !id;
  }

  // Takes the record that a pasted title means, if it means one.
  async resolve(title: string): Promise<void> {
    this.input.value = title;
    await this.ask(title);
    const exact = this.found.filter((each) => each.$title.trim().toLowerCase() === title.trim().toLowerCase());
    if (exact.length === 1) this.choose(exact[0]);
  }

  private typed(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.open(this.input.value.trim()), WAIT);
    this.place.changed();
  }

  private async open(words: string): Promise<void> {
    await this.ask(words);
    if (document.activeElement === this.input) this.show(words);
  }

  private async ask(words: string): Promise<void> {
    const mine = ++this.asked;
    const { form, path } = this.place;
    const query = new URLSearchParams({ field: path, form: form.form, q: words });
    if (this.target) query.set("target", this.target());
    try {
      const { body } = await ask(`${form.lookup}?${query}`);
      if (mine === this.asked) this.found = ((body?.["results"] as Linked[]) ?? []);
    } catch {
      this.found = [];
    }
  }

  private show(words: string): void {
    this.list.replaceChildren(...this.found.map((each, at) => this.option(each, at)));
    if (this.found.length === 0) {
      const none = document.createElement("li");
      none.className = "fs-combo-none";
      none.textContent = this.place.form.texts["form.find_none"] ?? "";
      this.list.append(none);
    }
    const box = this.input.getBoundingClientRect();
    const below = window.innerHeight - box.bottom;
    this.list.style.left = `${box.left}px`;
    this.list.style.minWidth = `${box.width}px`;
    this.list.style.top = below > 180 ? `${box.bottom + 2}px` : "auto";
    this.list.style.bottom = below > 180 ? "auto" : `${window.innerHeight - box.top + 2}px`;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.point(words ? 0 : -1);
  }

  private option(each: Linked, at: number): HTMLElement {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    option.id = `${this.list.id}-${at}`;
    option.dataset.at = String(at);
    const title = document.createElement("span");
    title.textContent = each.$title;
    option.append(title);
    if (each.$hint) {
      const hint = document.createElement("small");
      hint.textContent = each.$hint;
      option.append(hint);
    }
    return option;
  }

  private point(at: number): void {
    this.at = this.found.length ? at : -1;
    this.list.querySelectorAll<HTMLElement>("[role=option]").forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) option.scrollIntoView({ block: "nearest" });
    });
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const size = this.found.length;
    if (event.key === "ArrowDown" && !event.altKey && (open || !this.input.closest("[data-grid]"))) {
      if (!open) void this.open("");
      else if (size) this.point((this.at + 1) % size);
    } else if (event.key === "ArrowUp" && open && size) this.point((this.at - 1 + size) % size);
    else if (event.key === "Enter" && open && this.at >= 0) this.choose(this.found[this.at]);
    else if (event.key === "Escape" && open) this.close();
    else if (event.key === "Tab" && open && this.at >= 0) {
      this.choose(this.found[this.at]);
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(record: Linked | undefined): void {
    if (record) this.place.form.linked[record.id] = record;
    this.set(record?.id ?? null);
    this.close();
    this.place.changed();
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.asked++;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  private left(): void {
    if (document.activeElement === this.input) return;
    this.close();
    const typed = this.input.value.trim();
    if (typed && typed !== this.title) {
      const exact = this.found.filter((each) => each.$title.toLowerCase() === typed.toLowerCase());
      if (exact.length === 1) this.choose(exact[0]);
    } else if (!typed && this.id) this.choose(undefined);
  }
}
