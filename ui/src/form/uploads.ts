// Several files in one control, and a signature that is drawn or typed. Each file is uploaded as soon as it is there.
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
  private readonly canvas: HTMLCanvasElement;
  private readonly name: HTMLInputElement;
  private readonly ink: CanvasRenderingContext2D;
  private drawing = false;
  private timer = 0;

  constructor(private readonly place: Place) {
    const { element } = place;
    this.canvas = element.querySelector<HTMLCanvasElement>("[data-signature-pad]")!;
    this.name = element.querySelector<HTMLInputElement>("[data-signature-name]")!;
    this.ink = this.canvas.getContext("2d")!;
    this.box = FileBox.of(place);
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => this.lift());
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
    this.ink.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.name.value = "";
  }

  private at(event: PointerEvent): [number, number] {
    const seen = this.canvas.getBoundingClientRect();
    const [across, down] = [this.canvas.width / seen.width, this.canvas.height / seen.height];
    return [(event.clientX - seen.left) * across, (event.clientY - seen.top) * down];
  }

  private begin(event: PointerEvent): void {
    if (this.name.disabled) return;
    event.preventDefault();
    if (this.name.value) this.wipe();
    window.clearTimeout(this.timer);
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.ink.lineWidth = 4;
    this.ink.lineCap = this.ink.lineJoin = "round";
    this.ink.strokeStyle = "#10243e";
    this.ink.beginPath();
    this.ink.moveTo(...this.at(event));
  }

  private draw(event: PointerEvent): void {
    if (!this.drawing) return;
    this.ink.lineTo(...this.at(event));
    this.ink.stroke();
  }

  private lift(): void {
    if (!this.drawing) return;
    this.drawing = false;
    this.later();
  }

  private write(name: string): void {
    const { canvas, ink } = this;
    ink.clearRect(0, 0, canvas.width, canvas.height);
    window.clearTimeout(this.timer);
    if (!name) {
      this.box.set(null);
      this.place.changed();
      return;
    }
    let size = 84;
    ink.fillStyle = "#10243e";
    ink.textBaseline = "middle";
    ink.textAlign = "center";
    do ink.font = `italic ${(size -= 4)}px "Segoe Script", "Snell Roundhand", "Kaiti TC", "KaiTi", cursive, serif`;
    while (size > 20 && ink.measureText(name).width > canvas.width - 40);
    ink.fillText(name, canvas.width / 2, canvas.height / 2);
    this.later();
  }

  private later(): void {
    this.timer = window.setTimeout(() => {
      this.canvas.toBlob((picture) => {
        if (picture) void this.box.send(new File([picture], "signature.png", { type: "image/png" }));
      }, "image/png");
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
