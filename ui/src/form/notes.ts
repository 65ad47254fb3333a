// Notes above a form: a draft that was taken up, texts that no longer have a place.
import type { Form } from "./form";

export class Notes {
  constructor(private readonly box: HTMLElement) {}

  say(text: string): HTMLElement {
    const note = document.createElement("div");
    note.className = "alert alert-info fs-note";
    note.setAttribute("role", "status");
    const words = document.createElement("p");
    words.textContent = text;
    note.append(words);
    this.box.append(note);
    return note;
  }

  draft(form: Form, text: string, gone: [string, string][], discard: () => void): void {
    const note = this.say(text);
    if (gone.length) {
      const about = document.createElement("p");
      about.textContent = form.text("form.moved_removed");
      note.append(about);
    }
    gone.forEach(([title, words], at) => {
      const item = document.createElement("div");
      item.className = "fs-copyable";
      const strong = document.createElement("strong");
      strong.textContent = title;
      const area = document.createElement("pre");
      area.className = "fs-json fs-wrap";
      area.id = `gone-${at}`;
      area.tabIndex = 0;
      area.textContent = words;
      const copy = document.createElement("button");
      copy.type = "button";
      copy.className = "btn btn-sm";
      copy.dataset.copy = area.id;
      copy.dataset.copied = form.text("action.copied");
      copy.textContent = form.text("action.copy");
      item.append(strong, area, copy);
      note.append(item);
    });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = form.text("form.draft_discard");
    button.addEventListener("click", discard);
    note.append(button);
  }
}
