// Several files in one control, and a signature that is drawn or typed. Each file is uploaded as soon as it is there.
import { Ink } from "./ink";
import { FileBox, takeDrops } from "./files";
import { isRecord } from "./model";
import { sendFile } from "./requests";
import type { Place, Widget } from "./widgets";

const WAIT = 500;
const lists = new WeakMap<HTMLElement, FileList_>();
const pads = new WeakMap<HTMLElement, Pad>();

class FileList_ {
  private ids: string[] = [];
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly bar: HTMLProgressElement;

  constructor(private readonly place: Place) {
    const { element } = place;
    this.input = element.querySelector<HTMLInputElement>("[data-input]")!;
    this.list = element.querySelector<HTMLElement>("[data-file-list]")!;
    this.bar = element.querySelector<HTMLProgressElement>("progress")!;
    const zone = element.querySelector<HTMLElement>("[data-file]")!;
    this.input.addEventListener("change", () => void this.send([...(this.input.files ?? [])]));
    takeDrops(zone, (files) => this.input.disabled || void this.send(files));
    this.list.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-file-id]");
      if (!button) return;
      this.set(this.ids.filter((id) => id !== button.dataset.fileId));
      place.changed();
      this.input.focus();
    });
  }

  get value(): string[] {
    return [...this.ids];
  }

  set(value: unknown): void {
    this.ids = (Array.isArray(value) ? value : []).map((each: unknown) => {
      if (!isRecord(each)) return String(each);
      const id = String(each["id"]);
      this.place.form.linked[id] = { id, $title: String(each["name"] ?? "") };
      return id;
    });
    this.list.replaceChildren(...this.ids.map((id) => this.entry(id)));
  }

  private entry(id: string): HTMLElement {
    const { form } = this.place;
    const title = form.linked[id]?.$title ?? id;
    const entry = document.createElement("li");
    const anchor = document.createElement("a");
    anchor.href = form.files + id;
    anchor.download = "";
    anchor.textContent = title;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet btn-sm";
    button.dataset.fileId = id;
    button.textContent = "×";
    button.setAttribute("aria-label", (form.texts["form.tag_remove"] ?? "").replace("{title}", title));
    entry.append(anchor, button);
    return entry;
  }

  private async send(files: File[]): Promise<void> {
    const { form, element } = this.place;
    this.bar.hidden = false;
    let problem = "";
    for (const file of files) {
      try {
        const { status, body } = await sendFile(form.upload, file, (percent) => (this.bar.value = percent));
        if (status !== 201 || !body) throw new Error(String(body?.["message"] ?? form.texts["form.upload_failed"]));
        const known = this.ids.map((id) => ({ id, name: form.linked[id]?.$title ?? id }));
        this.set([...known, body]);
        this.place.changed();
      } catch (error) {
        const said = error instanceof Error && error.message !== "network" ? error.message : form.texts["form.upload_failed"];
        problem = `${file.name}: ${said}`;
      }
    }
    element.dispatchEvent(new CustomEvent("fs:problem", { bubbles: true, detail: problem }));
    this.bar.hidden = true;
    this.bar.value = 0;
    this.input.value = "";
  }
}

// The signing pad: strokes or a typed name become a picture, which is uploaded when one pauses.
class Pad {
  readonly box: FileBox;
  private readonly ink: Ink;
  private readonly name: HTMLInputElement;
  private timer = 0;

  constructor(private readonly place: Place) {
    const { element } = place;
    this.name = element.querySelector<HTMLInputElement>("[data-signature-name]")!;
    this.box = FileBox.of(place);
    this.ink = new Ink(element.querySelector<HTMLCanvasElement>("[data-signature-pad]")!, () => this.begun(), () => this.later());
    this.name.addEventListener("input", (event) => {
      event.stopPropagation();
      this.write(this.name.value.trim());
    });
    element.querySelector("[data-file-clear]")!.addEventListener("click", () => this.wipe());
  }

  set(value: unknown): void {
    this.wipe();
    this.box.set(value);
  }

  private wipe(): void {
    window.clearTimeout(this.timer);
    this.ink.wipe();
    this.name.value = "";
  }

  // Whether may be drawn; a typed name makes room.
  private begun(): boolean {
    if (this.name.disabled) return false;
    if (this.name.value) this.wipe();
    window.clearTimeout(this.timer);
    return true;
  }

  private write(name: string): void {
    window.clearTimeout(this.timer);
    if (!name) {
      this.ink.wipe();
      this.box.set(null);
      this.place.changed();
      return;
    }
    this.ink.write(name);
    this.later();
  }

  private later(): void {
    this.timer = window.setTimeout(async () => {
      const picture = await this.ink.picture();
      if (picture) void this.box.send(picture);
    }, WAIT);
  }
}

const listOf = (place: Place): FileList_ => {
  let list = lists.get(place.element);
  if (!list) lists.set(place.element, (list = new FileList_(place)));
  return list;
};

const padOf = (place: Place): Pad => {
  let pad = pads.get(place.element);
  if (!pad) pads.set(place.element, (pad = new Pad(place)));
  return pad;
};

export const files: Widget = {
  read: (place) => listOf(place).value,
  write: (place, value) => listOf(place).set(value),
};

export const signature: Widget = {
  read: (place) => padOf(place).box.value,
  write: (place, value) => padOf(place).set(value),
};
