// A file's control: chosen or dropped, uploaded at once with its progress, named by the record when that is saved.
import { isRecord } from "./model";
import { sendFile } from "./requests";
import type { Place } from "./widgets";

const boxes = new WeakMap<HTMLElement, FileBox>();

/** Files that are dropped on a zone; it shows that it would take them. */
export function takeDrops(zone: HTMLElement, take: (files: File[]) => unknown): void {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.setAttribute("data-over", "");
  });
  zone.addEventListener("dragleave", () => zone.removeAttribute("data-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.removeAttribute("data-over");
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

export class FileBox {
  private id: string | null = null;
  private readonly input: HTMLInputElement;
  private readonly name: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private readonly clear: HTMLElement;
  private readonly preview: HTMLImageElement | null;

  static of(place: Place): FileBox {
    let box = boxes.get(place.element);
    if (!box) boxes.set(place.element, (box = new FileBox(place)));
    return box;
  }

  private constructor(private readonly place: Place) {
    const { element } = place;
    this.input = element.querySelector<HTMLInputElement>("[data-input]")!;
    this.name = element.querySelector<HTMLElement>("[data-file-name]")!;
    this.bar = element.querySelector<HTMLProgressElement>("progress")!;
    this.clear = element.querySelector<HTMLElement>("[data-file-clear]")!;
    this.preview = element.querySelector<HTMLImageElement>("[data-file-preview]");
    const zone = element.querySelector<HTMLElement>("[data-file]")!;
    this.input.addEventListener("change", () => this.input.files?.[0] && void this.send(this.input.files[0]));
    this.clear.addEventListener("click", () => {
      this.set(null);
      place.changed();
      this.input.focus();
    });
    takeDrops(zone, ([file]) => file && !this.input.disabled && void this.send(file));
  }

  get value(): string | null {
    return this.id;
  }

  set(value: unknown): void {
    const known = isRecord(value) ? value : null;
    this.id = known ? String(known["id"]) : (value as string | null) ?? null;
    if (known && this.id) this.place.form.linked[this.id] = { id: this.id, $title: String(known["name"] ?? "") };
    const title = this.id ? this.place.form.linked[this.id]?.$title ?? this.id : "";
    if (this.id) {
      const anchor = document.createElement("a");
      anchor.href = this.place.form.files + this.id;
      anchor.download = "";
      anchor.textContent = title;
      this.name.replaceChildren(anchor);
    } else this.name.replaceChildren();
    this.clear.hidden = !this.id;
    if (this.preview) {
      this.preview.hidden = !this.id;
      if (this.id) this.preview.src = `${this.place.form.files}${this.id}/thumbnail`;
      this.preview.alt = title;
    }
  }

  async send(file: File): Promise<void> {
    const { form } = this.place;
    this.bar.hidden = false;
    this.name.textContent = file.name;
    try {
      const { status, body } = await sendFile(form.upload, file, (percent) => (this.bar.value = percent));
      if (status !== 201 || !body) throw new Error(String(body?.["message"] ?? form.texts["form.upload_failed"]));
      if (this.preview && !String(body["type"]).startsWith("image/")) throw new Error(form.texts["form.not_picture"]);
      this.set(body);
      this.place.element.dispatchEvent(new CustomEvent("fs:problem", { bubbles: true, detail: "" }));
      this.place.changed();
    } catch (error) {
      const text = error instanceof Error && error.message !== "network" ? error.message : form.texts["form.upload_failed"];
      this.set(this.id);
      this.place.element.dispatchEvent(new CustomEvent("fs:problem", { bubbles: true, detail: text }));
    } finally {
      this.bar.hidden = true;
      this.bar.value = 0;
      this.input.value = "";
    }
  }
}
