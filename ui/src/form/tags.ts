// Tags: words as chips in front of an input. Enter, a comma or leaving the input ends a word; Backspace takes the last.
import type { Place } from "./widgets";

const boxes = new WeakMap<HTMLElement, TagBox>();

export class TagBox {
  private tags: string[] = [];
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;

  static of(place: Place): TagBox {
    let box = boxes.get(place.element);
    if (!box) boxes.set(place.element, (box = new TagBox(place)));
    return box;
  }

  private constructor(private readonly place: Place) {
    this.input = place.element.querySelector<HTMLInputElement>("[data-input]")!;
    this.list = place.element.querySelector<HTMLElement>("[data-tag-list]")!;
    this.input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if ((event.key === "Enter" || event.key === "," || event.key === "，") && this.input.value.trim()) {
        event.preventDefault();
        event.stopPropagation();
        this.take();
      } else if (event.key === "Backspace" && !this.input.value && this.tags.length) {
        this.set(this.tags.slice(0, -1));
        place.changed();
      }
    });
    this.input.addEventListener("blur", () => this.take());
    this.list.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-tag]");
      if (!button) return;
      this.set(this.tags.filter((tag) => tag !== button.dataset.tag));
      this.input.focus();
      place.changed();
    });
  }

  get values(): string[] {
    const typed = this.typed();
    return [...this.tags, ...(typed && !this.tags.includes(typed) ? [typed] : [])];
  }

  set(value: unknown): void {
    this.tags = Array.isArray(value) ? value.map(String) : [];
    this.list.replaceChildren(...this.tags.map((tag) => this.chip(tag)));
  }

  // What was typed, as the value that an offered title stands for.
  private typed(): string {
    const text = this.input.value.trim();
    const offered = Object.entries(this.place.field.options ?? {}).find(([, title]) => title.toLowerCase() === text.toLowerCase());
    return offered ? offered[0] : text;
  }

  private take(): void {
    if (!this.input.value.trim()) return;
    const all = this.values;
    this.input.value = "";
    this.set(all);
    this.place.changed();
  }

  private chip(tag: string): HTMLElement {
    const chip = document.createElement("span");
    chip.className = "fs-badge";
    chip.dataset.plain = "";
    const title = this.place.field.options?.[tag] ?? tag;
    chip.append(title);
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.tag = tag;
    button.textContent = "×";
    button.setAttribute("aria-label", (this.place.form.texts["form.tag_remove"] ?? "").replace("{title}", title));
    chip.append(button);
    return chip;
  }
}
