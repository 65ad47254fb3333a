// A link to anything, a choice that depends on another field, a region.
import { Combo } from "./combo";
import { isRecord } from "./model";
import { ask } from "./requests";
import type { Values } from "./types";
import type { Place, Widget } from "./widgets";

const kinds = (place: Place) => place.element.querySelector<HTMLSelectElement>("[data-entity]")!;
const ready = new WeakSet<HTMLElement>();

function prepared(place: Place): Combo {
  const combo = Combo.of(place);
  if (ready.has(place.element)) return combo;
  ready.add(place.element);
  const select = kinds(place);
  combo.target = () => select.value;
  select.addEventListener("change", (event) => {
    event.stopPropagation();
    combo.set(null);
    place.changed();
  });
  return combo;
}

export const anyLink: Widget = {
  read: (place) => {
    const id = prepared(place).value;
    return id === null ? null : { entity: kinds(place).value, id };
  },
  write: (place, value) => {
    const combo = prepared(place);
    const select = kinds(place);
    if (isRecord(value)) {
      const kind = String(value["entity"]);
      if (![...select.options].some((option) => option.value === kind)) select.add(new Option(kind, kind));
      select.value = kind;
      combo.set(value["id"]);
    } else combo.set(null);
  },
};

// Leaves the options that go with what the other field says now; a value that does not go is taken out.
export function narrow(place: Place, values: Values): void {
  const { when, options, dependsOn } = place.field;
  const list = place.element.querySelector<HTMLSelectElement>("select[data-input]");
  if (!when || !dependsOn || !list) return;
  const above = values[dependsOn];
  const said = above === true ? "true" : above === false ? "false" : String(above ?? "");
  const fitting = Object.entries(options ?? {}).filter(([name]) => !when[name] || when[name]!.includes(said));
  const wanted = ["", ...fitting.map(([name]) => name)];
  if (wanted.join("\n") === [...list.options].map((option) => option.value).join("\n")) return;
  const kept = wanted.includes(list.value) ? list.value : "";
  const lost = kept !== list.value;
  list.replaceChildren(new Option("", ""), ...fitting.map(([name, title]) => new Option(title, name)));
  list.value = kept;
  if (lost) place.changed();
}

interface Part {
  code: string;
  in: string;
  name: string;
}

const known = new Map<string, Promise<Part[]>>();
const regions = new WeakMap<HTMLElement, RegionBox>();

class RegionBox {
  private readonly country: HTMLSelectElement;
  private readonly part: HTMLSelectElement | null;
  private wanted = "";

  constructor(private readonly place: Place) {
    this.country = place.element.querySelector<HTMLSelectElement>("select[data-input]")!;
    this.part = place.element.querySelector<HTMLSelectElement>("[data-region-part]");
    this.country.addEventListener("change", () => {
      this.wanted = "";
      void this.fill();
    });
    this.part?.addEventListener("change", () => (this.wanted = this.part!.value));
  }

  get value(): string | null {
    return this.wanted || this.country.value || null;
  }

  set(value: unknown): void {
    const code = value ? String(value) : "";
    const country = code.split("-")[0]!;
    this.wanted = code.includes("-") ? code : "";
    if (country && ![...this.country.options].some((option) => option.value === country)) {
      this.country.add(new Option(country, country));
    }
    this.country.value = country;
    void this.fill();
  }

  private async fill(): Promise<void> {
    const { part } = this;
    if (!part) return;
    const country = this.country.value;
    part.hidden = true;
    if (!country) return part.replaceChildren();
    const address = `${this.place.form.regions}${country}`;
    if (!known.has(address)) known.set(address, ask(address).then(({ body }) => (body?.["parts"] as Part[]) ?? []).catch(() => []));
    const parts = await known.get(address)!;
    if (this.country.value !== country) return;
    part.replaceChildren(new Option("", ""), ...this.nested(parts, country, 0));
    part.value = this.wanted;
    part.hidden = parts.length === 0;
  }

  // Parts of parts stand below them, set in.
  private nested(parts: Part[], above: string, depth: number): HTMLOptionElement[] {
    return parts.filter((each) => each.in === above).flatMap((each) => [
      new Option("\u2003".repeat(depth) + each.name, each.code),
      ...this.nested(parts, each.code, depth + 1),
    ]);
  }
}

const regionOf = (place: Place): RegionBox => {
  let box = regions.get(place.element);
  if (!box) regions.set(place.element, (box = new RegionBox(place)));
  return box;
};

export const region: Widget = {
  read: (place) => regionOf(place).value,
  write: (place, value) => regionOf(place).set(value),
};
