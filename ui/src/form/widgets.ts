// Filling and reading the control of each field type (the controls are made in ui/forms/controls.py, same keys).
//
// `read` gives the value as it travels; what cannot be understood is given as it was typed, so that the server says
// what is wrong with it and it stays where it is.
import { colour, icon, radio, rating, secret } from "./choosers";
import { Combo } from "./combo";
import { FileBox } from "./files";
import { anyLink, region } from "./linking";
import { plainNumber, shifted, toEdit } from "./numbers";
import { toLocal, toUtc } from "./moments";
import { richText } from "./rich";
import { dateRange, duration, geoPoint, tidyDuration } from "./spans";
import { TagBox } from "./tags";
import { files, signature } from "./uploads";
import type { Described, FieldInfo, Values } from "./types";

// A control on the page. `path` is its field, `parts.maker` inside lines.
export interface Place {
  element: HTMLElement;
  form: Described;
  field: FieldInfo;
  path: string;
  changed: () => void;
}

export interface Widget {
  read: (place: Place) => unknown;
  write: (place: Place, value: unknown, values: Values) => void;
}

type Entry = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export const entry = (place: Place): Entry => place.element.querySelector<Entry>("[data-input]")!;

const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

const plain: Widget = {
  read: (place) => entry(place).value || null,
  write: (place, value) => (entry(place).value = asText(value)),
};

const number = (convert: (text: string) => unknown, back: (value: string) => string = (value) => value): Widget => ({
  read: (place) => {
    const typed = entry(place).value.trim();
    if (!typed) return null;
    const found = plainNumber(typed, place.form.symbols);
    return found === null ? typed : convert(found);
  },
  write: (place, value) => {
    const text = asText(value);
    entry(place).value = plainNumber(text, [".", ""]) === null ? text : toEdit(back(text), place.form.symbols[0]);
  },
});

const asInteger = (text: string): unknown => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);

const decimals = number((text) => text);

const money: Widget = {
  read: decimals.read,
  write: (place, value, values) => {
    decimals.write(place, value, values);
    const select = place.element.querySelector<HTMLSelectElement>("[data-currency]")!;
    const own = place.field.currency ?? place.form.currency;
    const name = place.path.split(".").pop()!;
    select.value = asText(values[`${name}_currency`] ?? own);
    select.closest(".fs-money")!.toggleAttribute("data-foreign", select.value !== own);
  },
};

const boolean: Widget = {
  read: (place) => {
    const found = entry(place);
    if (found instanceof HTMLInputElement) return found.checked;
    return found.value === "" ? null : found.value === "true";
  },
  write: (place, value) => {
    const found = entry(place);
    if (found instanceof HTMLInputElement) found.checked = value === true;
    else found.value = value === true ? "true" : value === false ? "false" : "";
  },
};

const moment: Widget = {
  read: (place) => {
    const local = entry(place).value;
    return local ? toUtc(local, place.form.zone) ?? local : null;
  },
  write: (place, value) => (entry(place).value = value ? toLocal(String(value), place.form.zone) : ""),
};

// A value that the list does not offer (any more) is kept as an entry of its own.
const select: Widget = {
  read: (place) => entry(place).value || null,
  write: (place, value) => {
    const list = entry(place) as HTMLSelectElement;
    const text = asText(value);
    if (text && ![...list.options].some((option) => option.value === text)) list.add(new Option(text, text));
    list.value = text;
  },
};

const boxes = (place: Place) => [...place.element.querySelectorAll<HTMLInputElement>(".fs-pick input")];

const several: Widget = {
  read: (place) => boxes(place).filter((box) => box.checked).map((box) => box.value),
  write: (place, value) => boxes(place).forEach((box) => (box.checked = Array.isArray(value) && value.includes(box.value))),
};

const parts: Widget = {
  read: (place) => {
    const found: Values = { ...keptParts.get(place.element) };
    place.element.querySelectorAll<HTMLInputElement>("[data-part]").forEach((input) => {
      found[input.dataset.part!] = input.value.trim() || null;
    });
    return found;
  },
  write: (place, value) => {
    const values = (value ?? {}) as Values;
    keptParts.set(place.element, { ...values });
    place.element.querySelectorAll<HTMLInputElement>("[data-part]").forEach((input) => {
      input.value = asText(values[input.dataset.part!]);
    });
  },
};

// Parts that this language does not ask for (a middle name) stay as they were.
const keptParts = new WeakMap<HTMLElement, Values>();

const json: Widget = {
  read: (place) => {
    const typed = entry(place).value.trim();
    if (!typed) return null;
    try {
      return JSON.parse(typed);
    } catch {
      return typed;
    }
  },
  write: (place, value) => (entry(place).value = value === null || value === undefined ? "" : JSON.stringify(value, null, 2)),
};

const link: Widget = {
  read: (place) => Combo.of(place).value,
  write: (place, value) => Combo.of(place).set(value),
};

const tags: Widget = {
  read: (place) => TagBox.of(place).values,
  write: (place, value) => TagBox.of(place).set(value),
};

const file: Widget = {
  read: (place) => FileBox.of(place).value,
  write: (place, value) => FileBox.of(place).set(value),
};

export const WIDGETS: Record<string, Widget> = {
  text: plain, multiline: plain, email: plain, phone: plain, url: plain, date: plain, select,
  integer: number(asInteger), number: number(Number), decimal: decimals, money,
  percent: number((text) => shifted(text, -2), (value) => shifted(value, 2)),
  boolean, datetime: moment, multi_select: several, tags, link, parent: link, user: link, team: link, file,
  address: parts, person_name: parts, json,
  time: plain, code: plain, markdown: plain, barcode: plain, duration, date_range: dateRange, geo_point: geoPoint,
  image: file, files, signature, any_link: anyLink, dependent_select: select, region,
  rating, radio, colour, icon, secret, rich_text: richText,
};

// The value of a control, and the currency that stands beside an amount.
export function readInto(values: Values, name: string, place: Place): void {
  values[name] = WIDGETS[place.field.type]?.read(place) ?? null;
  if (place.field.type === "money") {
    values[`${name}_currency`] = place.element.querySelector<HTMLSelectElement>("[data-currency]")?.value ?? null;
  }
}

// Numbers are written the language's way when one leaves the control.
export function tidy(place: Place): void {
  if (place.field.type === "duration") tidyDuration(place);
  if (!["integer", "number", "decimal", "money", "percent"].includes(place.field.type)) return;
  const input = entry(place);
  const found = plainNumber(input.value, place.form.symbols);
  if (found !== null) input.value = toEdit(found, place.form.symbols[0]);
}

export function disable(place: Place, off: boolean): void {
  place.element.querySelectorAll<Entry | HTMLButtonElement>("input, select, textarea, button").forEach((each) => (each.disabled = off));
  place.element.querySelectorAll<HTMLElement>("[contenteditable]").forEach((each) => each.setAttribute("contenteditable", String(!off)));
}
