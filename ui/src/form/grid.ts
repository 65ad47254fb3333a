// The grid of lines: add, remove, move; Enter goes down (and adds), arrows go up and down, and a block copied from a
// spreadsheet is pasted from the cell on. A line that nobody filled in is not sent.
import { Combo } from "./combo";
import { asRow, isEmpty, normal, same } from "./model";
import type { Described, FieldInfo, Values } from "./types";
import { disable, entry, readInto, tidy, WIDGETS } from "./widgets";
import type { Place } from "./widgets";

type Row = HTMLTableRowElement;

const LINKS = new Set(["link", "parent", "user", "team"]);

export class Grid {
  readonly table: HTMLTableElement;
  // The rows of the last `collect`, so that a problem's pointer leads to its row.
  sent: Row[] = [];
  private readonly body: HTMLTableSectionElement;
  private readonly template: HTMLTemplateElement;
  private readonly lines = new WeakMap<Row, Values>();
  private readonly cells = new WeakMap<Row, Map<string, Place>>();

  constructor(
    private readonly form: Described,
    readonly name: string,
    readonly element: HTMLElement,
    private readonly changed: () => void,
  ) {
    this.table = element.querySelector<HTMLTableElement>("[data-grid]")!;
    this.body = this.table.tBodies[0]!;
    this.template = element.querySelector<HTMLTemplateElement>("[data-row-template]")!;
    element.querySelector("[data-row-add]")!.addEventListener("click", () => this.focus(this.add(), 0));
    this.body.addEventListener("click", (event) => this.clicked(event));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("paste", (event) => this.paste(event));
    this.body.addEventListener("focusout", (event) => {
      const place = this.placeOf(event.target as Element);
      if (place) tidy(place);
    });
  }

  get field(): FieldInfo {
    return this.form.fields[this.name]!;
  }

  get rows(): Row[] {
    return [...this.body.rows];
  }

  put(lines: unknown): void {
    this.body.replaceChildren();
    const joins = this.field.type === "multi_link";
    for (const line of Array.isArray(lines) ? (lines as Values[]) : []) this.append(joins ? asRow(line) : line);
    this.number();
  }

  add(line: Values = this.field.defaults ?? {}, after?: Row): Row {
    const row = this.append(line, after);
    this.number();
    this.changed();
    return row;
  }

  // Whole lines, computed values of the server included: what expressions see.
  whole(row: Row): Values {
    const values: Values = { ...this.lines.get(row) };
    this.cells.get(row)!.forEach((place, name) => {
      readInto(values, name, place);
      values[name] = normal(place.field, values[name]);
    });
    return values;
  }

  // What is sent: every line that says something.
  collect(): Values[] {
    this.sent = this.rows.filter((row) => !this.isBlank(row));
    return normal(this.field, this.sent.map((row) => this.whole(row))) as Values[];
  }

  isBlank(row: Row): boolean {
    if (this.lines.get(row)?.["id"]) return false;
    const values = this.whole(row);
    const defaults = this.field.defaults ?? {};
    return [...this.cells.get(row)!].every(([name, place]) => {
      const given = normal(place.field, values[name]);
      return isEmpty(given) || given === false || same(given, normal(place.field, defaults[name]));
    });
  }

  cell(row: Row, name: string): HTMLElement | null {
    return row.querySelector<HTMLElement>(`[data-cell="${CSS.escape(name)}"]`);
  }

  lock(off: boolean): void {
    this.element.querySelectorAll<HTMLButtonElement>("[data-row-add], .fs-grid-actions button").forEach((each) => (each.disabled = off));
    for (const row of this.rows) this.cells.get(row)!.forEach((place) => disable(place, off));
  }

  // Every control of every row, with its row's values.
  each(work: (place: Place, values: Values) => void): void {
    for (const row of this.rows) {
      const places = [...this.cells.get(row)!.values()];
      if (places.some((place) => place.field.dependsOn)) places.forEach((place) => work(place, this.whole(row)));
    }
  }

  private append(line: Values, after?: Row): Row {
    const row = this.template.content.firstElementChild!.cloneNode(true) as Row;
    const places = new Map<string, Place>();
    row.querySelectorAll<HTMLElement>("[data-cell]").forEach((cell) => {
      const name = cell.dataset.cell!;
      const field = this.field.fields?.[name];
      if (!field || !cell.querySelector("[data-input]")) return;
      const place: Place = { element: cell, form: this.form, field, path: `${this.name}.${name}`, changed: this.changed };
      places.set(name, place);
      WIDGETS[field.type]?.write(place, line[name], line);
    });
    this.lines.set(row, { ...line });
    this.cells.set(row, places);
    if (after) after.after(row);
    else this.body.append(row);
    return row;
  }

  private number(): void {
    this.rows.forEach((row, at) => {
      row.querySelector<HTMLElement>("[data-row-number]")!.textContent = String(at + 1);
    });
  }

  private remove(row: Row): void {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const at = this.rows.indexOf(row);
    row.remove();
    this.number();
    this.changed();
    this.offerBack(row, at);
    if (next) this.focus(next as Row, 0);
    else this.element.querySelector<HTMLElement>("[data-row-add]")?.focus();
  }

  // A removed line can be taken back until the next one is removed.
  private offerBack(row: Row, at: number): void {
    const foot = this.element.querySelector<HTMLElement>(".fs-grid-foot")!;
    foot.querySelector(".fs-grid-undo")?.remove();
    const note = document.createElement("span");
    note.className = "fs-grid-undo";
    note.setAttribute("role", "status");
    note.append(`${this.form.texts["form.line_removed"]} `);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-quiet";
    button.textContent = this.form.texts["action.undo"] ?? "";
    button.addEventListener("click", () => {
      this.body.insertBefore(row, this.body.rows[at] ?? null);
      this.number();
      this.changed();
      note.remove();
      this.focus(row, 0);
    });
    note.append(button);
    foot.append(note);
  }

  private move(row: Row, by: 1 | -1): void {
    if (by < 0) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    this.number();
    this.changed();
  }

  private clicked(event: Event): void {
    const target = event.target as Element;
    const row = target.closest("tr") as Row | null;
    if (!row) return;
    if (target.closest("[data-row-remove]")) this.remove(row);
    const way = target.closest("[data-row-up]") ? -1 : target.closest("[data-row-down]") ? 1 : null;
    if (way) {
      this.move(row, way);
      target.closest<HTMLElement>("button")?.focus();
    }
  }

  private placeOf(element: Element): Place | undefined {
    const row = element.closest("tr") as Row | null;
    const name = element.closest<HTMLElement>("[data-cell]")?.dataset.cell;
    return row && name ? this.cells.get(row)?.get(name) : undefined;
  }

  private focus(row: Row, column: number): void {
    const places = [...this.cells.get(row)!.values()];
    const place = places[Math.min(column, places.length - 1)];
    if (!place) return;
    const control = entry(place);
    control.focus();
    if (control instanceof HTMLInputElement && control.type === "text") control.select();
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const row = target.closest("tr") as Row | null;
    const place = this.placeOf(target);
    if (!row || !place || event.isComposing || event.ctrlKey || event.metaKey) return;
    const column = [...this.cells.get(row)!.values()].indexOf(place);
    const rows = this.rows;
    const at = rows.indexOf(row);
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.move(row, event.key === "ArrowUp" ? -1 : 1);
      target.focus();
    } else if (event.altKey) return;
    else if (event.key === "Enter" && target.tagName !== "TEXTAREA" && target.tagName !== "BUTTON") {
      this.focus(rows[at + 1] ?? this.add(), rows[at + 1] ? column : 0);
    } else if (event.key === "ArrowUp" && movesByArrow(target)) {
      if (rows[at - 1]) this.focus(rows[at - 1]!, column);
    } else if (event.key === "ArrowDown" && movesByArrow(target)) {
      if (rows[at + 1]) this.focus(rows[at + 1]!, column);
    } else return;
    event.preventDefault();
  }

  // A block of a spreadsheet: tabs between cells, line ends between rows.
  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
    const start = this.placeOf(event.target as Element);
    if (!start || (!text.includes("\t") && !text.includes("\n")) || (event.target as Element).tagName === "TEXTAREA" && !text.includes("\t")) return;
    event.preventDefault();
    let row = (event.target as Element).closest("tr") as Row;
    const column = [...this.cells.get(row)!.values()].indexOf(start);
    text.split("\n").forEach((line, down) => {
      if (down > 0) row = (row.nextElementSibling as Row | null) ?? this.add();
      const places = [...this.cells.get(row)!.values()];
      line.split("\t").forEach((cell, right) => {
        const place = places[column + right];
        if (place) pasteInto(place, cell.trim());
      });
    });
    this.changed();
  }
}

function movesByArrow(target: Element): boolean {
  return target instanceof HTMLInputElement && target.type === "text" && target.getAttribute("aria-expanded") !== "true";
}

// A cell's text as people write it: a number in their way, an option's title, a record's title.
function pasteInto(place: Place, text: string): void {
  const control = entry(place);
  if (LINKS.has(place.field.type)) {
    void Combo.of(place).resolve(text);
    return;
  }
  if (control instanceof HTMLSelectElement) {
    const option = [...control.options].find((each) => each.text.toLowerCase() === text.toLowerCase() || each.value === text);
    control.value = option?.value ?? "";
  } else if (control instanceof HTMLInputElement && control.type === "checkbox") {
    control.checked = /^(true|yes|1|x|是|はい)$/i.test(text);
  } else {
    control.value = text;
    tidy(place);
  }
}
