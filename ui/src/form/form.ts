// One form on a page: its controls filled and read, what was changed, and the draft that keeps it.
import { readDraft, keepDraft } from "./drafts";
import type { Draft } from "./drafts";
import { Grid } from "./grid";
import { narrow } from "./linking";
import { Live } from "./live";
import { currencyOf, isEmpty, normal, same, shown } from "./model";
import { Notes } from "./notes";
import { Problems } from "./problems";
import { showTabOf } from "./tabs";
import type { Described, FieldInfo, Problem, Values } from "./types";
import { disable, readInto, tidy, WIDGETS } from "./widgets";
import type { Place } from "./widgets";

export class Form {
  readonly told: Described;
  readonly grids = new Map<string, Grid>();
  readonly problems: Problems;
  readonly notes: Notes;
  // Set when the page is left on purpose: then nobody is asked.
  leaving = false;
  private readonly places = new Map<string, Place>();
  private readonly live: Live;
  private originals: Values = {};
  private waiting = 0;

  constructor(readonly element: HTMLFormElement) {
    this.told = JSON.parse(element.dataset.form!) as Described;
    this.problems = new Problems(this);
    this.notes = new Notes(element.querySelector<HTMLElement>("[data-form-notes]")!);
    this.live = new Live(this);
    element.querySelectorAll<HTMLElement>('[data-field][data-kind="control"]').forEach((field) => this.place(field));
    element.querySelectorAll<HTMLElement>('[data-field][data-kind="lines"]').forEach((field) => {
      const name = field.dataset.field!;
      if (this.told.fields[name]?.edited) this.grids.set(name, new Grid(this.told, name, field, () => this.changed()));
    });
    this.fill(this.told.values);
    this.originals = this.told.id ? this.collect() : this.blank();
    if (!this.told.id) this.grids.forEach((grid) => grid.rows.length || grid.add());
    this.restore();
    this.live.run();
    this.tellState();
    element.addEventListener("input", () => this.changed());
    element.addEventListener("change", () => this.changed());
    element.addEventListener("focusout", (event) => {
      const name = (event.target as Element).closest<HTMLElement>('[data-kind="control"]')?.dataset.field;
      const place = name ? this.places.get(name) : undefined;
      if (place) tidy(place);
    });
  }

  text(key: string): string {
    return this.told.texts[key] ?? "";
  }

  // Normal values of everything that can be edited here.
  collect(): Values {
    const values: Values = {};
    this.places.forEach((place, name) => {
      readInto(values, name, place);
      values[name] = normal(place.field, values[name]);
      if (place.field.type === "money") values[`${name}_currency`] = currencyOf(place.field, values, name);
    });
    this.grids.forEach((grid, name) => (values[name] = grid.collect()));
    return values;
  }

  // The whole record as it would be: what is not on the form stays as it is.
  whole(): Values {
    return { ...this.told.values, ...this.collect() };
  }

  changes(): Values {
    const now = this.collect();
    return Object.fromEntries(Object.entries(now).filter(([name, value]) => !same(value, this.originals[name])));
  }

  // What a new record sends: everything that is filled in, and what was emptied of its defaults.
  toSend(): Values {
    if (this.told.id) return this.changes();
    const now = this.collect();
    return Object.fromEntries(Object.entries(now).filter(([name, value]) => {
      const field = this.field(name);
      if (name.endsWith("_currency") && field?.type === "money" && isEmpty(now[name.replace(/_currency$/, "")])) return false;
      return !isEmpty(value) || !isEmpty(this.told.values[name]);
    }));
  }

  get dirty(): boolean {
    return Object.keys(this.changes()).length > 0;
  }

  field(name: string): FieldInfo | undefined {
    return this.told.fields[name] ?? this.told.fields[name.replace(/_currency$/, "")];
  }

  original(name: string): unknown {
    return this.originals[name];
  }

  put(values: Values): void {
    const whole = { ...this.collect(), ...values };
    for (const name of Object.keys(values)) {
      const place = this.places.get(name) ?? this.places.get(name.replace(/_currency$/, ""));
      const own = place ? place.path : name;
      if (place) WIDGETS[place.field.type]?.write(place, whole[own], whole);
      this.grids.get(name)?.put(values[name]);
    }
    this.changed();
  }

  // Takes the record as somebody else saved it for what this form began with.
  rebase(values: Values, version: number): void {
    this.told.values = values;
    this.told.version = version;
    this.originals = this.normals(values);
    this.changed();
  }

  // The normal form of a record that came from the server, for the fields of this form.
  normals(values: Values): Values {
    const found: Values = {};
    this.places.forEach((place, name) => {
      found[name] = normal(place.field, values[name]);
      if (place.field.type === "money") found[`${name}_currency`] = currencyOf(place.field, values, name);
    });
    this.grids.forEach((grid, name) => (found[name] = normal(grid.field, values[name])));
    return found;
  }

  // Choices that depend on other fields offer what goes with these now.
  narrow(): void {
    const values = this.whole();
    this.places.forEach((place) => place.field.dependsOn && narrow(place, values));
    this.grids.forEach((grid) => grid.each(narrow));
  }

  // What is missing before the server is asked: required now, visible, empty.
  missing(): Problem[] {
    const values = this.collect();
    const found: Problem[] = [];
    const message = this.text("form.required");
    this.element.querySelectorAll<HTMLElement>("[data-field][data-required-now]").forEach((field) => {
      const name = field.dataset.field!;
      if (!field.closest("[data-field][hidden], [data-section][hidden]") && this.isShownTab(field) && (this.places.has(name) || this.grids.has(name)) && isEmpty(values[name])) {
        found.push({ pointer: `/${name}`, code: "required", message });
      }
    });
    this.grids.forEach((grid, name) => {
      (values[name] as Values[]).forEach((line, at) => {
        for (const [inner, field] of Object.entries(grid.field.fields ?? {})) {
          const sent = inner === "link" && grid.field.type === "multi_link" ? "id" : inner;
          if (field.edited && field.required && isEmpty(line[sent])) found.push({ pointer: `/${name}/${at}/${inner}`, code: "required", message });
        }
      });
    });
    return found;
  }

  lock(name: string, off: boolean): void {
    const place = this.places.get(name);
    if (place) disable(place, off);
    this.grids.get(name)?.lock(off);
  }

  reveal(holder: HTMLElement): void {
    showTabOf(holder);
    const input = holder.querySelector<HTMLElement>("[data-input]:not([disabled]), [data-part], .fs-pick input, [data-row-add]");
    holder.scrollIntoView({ block: "center" });
    input?.focus();
  }

  changed(): void {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.live.run();
      this.tellState();
      this.keep();
    });
  }

  keep(): void {
    if (this.leaving) return;
    keepDraft(this.told.draft, this.dirty ? this.draft() : null);
  }

  draft(): Draft {
    // A secret is not kept in the browser.
    const values = Object.fromEntries(Object.entries(this.changes()).filter(([name]) => this.field(name)?.type !== "secret"));
    const linked: Draft["linked"] = {};
    const words: Draft["words"] = {};
    for (const [name, value] of Object.entries(values)) {
      const field = this.told.fields[name];
      if (!field) continue;
      words[name] = [field.title, shown(this.told, field, value, values[`${name}_currency`])];
      for (const [inner, cell] of Object.entries(field.fields ?? {})) {
        const cells = (value as Values[]).map((line) => shown(this.told, cell, line[inner], line[`${inner}_currency`]));
        words[`${name}.${inner}`] = [`${field.title} · ${cell.title}`, cells.join("\n")];
      }
    }
    for (const id of JSON.stringify(values).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? []) {
      if (this.told.linked[id]) linked[id] = this.told.linked[id];
    }
    const originals = Object.fromEntries(Object.keys(values).map((name) => [name, this.originals[name]]));
    return { at: new Date().toISOString(), revision: this.told.revision, version: this.told.version, values, originals, linked, words };
  }

  forget(): void {
    keepDraft(this.told.draft, null);
  }

  private place(element: HTMLElement): void {
    const name = element.dataset.field!;
    const field = this.told.fields[name];
    if (!field || !WIDGETS[field.type]) return;
    this.places.set(name, { element, form: this.told, field, path: name, changed: () => this.changed() });
  }

  private fill(values: Values): void {
    this.places.forEach((place, name) => WIDGETS[place.field.type]!.write(place, values[name], values));
    this.grids.forEach((grid, name) => grid.put(values[name]));
  }

  // A new record is unchanged as long as it says no more than its defaults.
  private blank(): Values {
    return this.collect();
  }

  private isShownTab(field: HTMLElement): boolean {
    const panel = field.closest<HTMLElement>("[data-panel]");
    const tab = panel && this.element.querySelector<HTMLElement>(`[data-tab="${CSS.escape(panel.dataset.panel!)}"]`);
    return !tab?.hidden;
  }

  // Takes up what was typed before and never saved; on definitions that changed since, under their names of now.
  private restore(): void {
    const draft = readDraft(this.told.draft);
    if (!draft || Object.keys(draft.values).length === 0) return;
    Object.assign(this.told.linked, { ...draft.linked, ...this.told.linked });
    const gone: [string, string][] = [];
    const values = this.moved(draft, gone);
    if (draft.version === this.told.version) {
      this.put(values);
    } else {
      const now = this.normals(this.told.values);
      const untouched = Object.entries(values).filter(([name]) => !(name in draft.originals) || same(now[name], draft.originals[name]));
      this.put(Object.fromEntries(untouched));
      for (const [name, value] of Object.entries(values)) {
        if (!untouched.some(([kept]) => kept === name) && !same(value, now[name])) gone.push(draft.words[name] ?? [name, shown(this.told, this.field(name), value)]);
      }
    }
    const key = draft.revision === this.told.revision ? "form.draft" : "form.moved";
    this.notes.draft(this, this.text(key), gone.filter(([, text]) => text.trim()), () => {
      this.forget();
      this.leaving = true;
      location.reload();
    });
  }

  private moved(draft: Draft, gone: [string, string][]): Values {
    const values: Values = {};
    for (const [name, value] of Object.entries(draft.values)) {
      const now = nameNow(this.told.fields, this.told.former, name);
      if (now === null) {
        if (draft.words[name]) gone.push(draft.words[name]);
        continue;
      }
      const field = this.told.fields[now];
      values[now] = field?.fields ? this.movedLines(field, name, value as Values[], draft, gone) : value;
    }
    return values;
  }

  private movedLines(field: FieldInfo, name: string, lines: Values[], draft: Draft, gone: [string, string][]): Values[] {
    const lost = new Set<string>();
    const moved = lines.map((line) => {
      const kept: Values = {};
      for (const [inner, value] of Object.entries(line)) {
        const now = inner === "id" ? "id" : nameNow(field.fields!, field.former ?? {}, inner);
        if (now) kept[now] = value;
        else lost.add(inner);
      }
      return { ...(line["id"] ? {} : field.defaults), ...kept };
    });
    lost.forEach((inner) => draft.words[`${name}.${inner}`] && gone.push(draft.words[`${name}.${inner}`]!));
    return moved;
  }

  tellState(): void {
    const state = this.element.querySelector<HTMLElement>("[data-form-state]");
    const text = this.dirty ? state?.dataset.dirty ?? "" : "";
    if (state && state.textContent !== text) state.textContent = text;
  }
}

// The name that a field has now; null when it is gone.
function nameNow(fields: Record<string, FieldInfo>, former: Record<string, string>, name: string): string | null {
  if (fields[name]) return name;
  if (former[name]) return former[name]!;
  const base = name.replace(/_currency$/, "");
  if (base === name) return null;
  if (fields[base]) return name;
  return former[base] ? `${former[base]}_currency` : null;
}
