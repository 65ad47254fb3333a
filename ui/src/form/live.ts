// What follows from what was typed: computed values, and what is visible, required or read-only just now. The rules
// are the server's checked expressions, evaluated here; the server decides again when the form is saved.
import { evaluate, holds } from "../expressions";
import { multiply, readDecimal, showDecimal } from "../expressions/decimal";
import type { Bindings, Expression } from "../expressions";
import type { Form } from "./form";
import { asRow, isEmpty, shown } from "./model";
import { toPlaces } from "./numbers";
import type { Described, FieldInfo, Fields, Values } from "./types";

export class Live {
  constructor(private readonly form: Form) {}

  run(): void {
    const { told } = this.form;
    this.form.narrow();
    const bindings = this.bindings();
    const values = this.values(bindings);
    for (const name of told.computed) this.show(this.form.element, `[data-field="${CSS.escape(name)}"] [data-output]`, told.fields[name], values[name], values, name);
    this.conditions(values, bindings);
  }

  // Every value as expressions see it: money rounded as it will be stored, links with what is read behind them.
  private values(bindings: Bindings): Values {
    const { told } = this.form;
    const values = seen(told, told.fields, this.form.whole());
    for (const grid of this.form.grids.values()) {
      const { field } = grid;
      values[grid.name] = grid.rows.filter((row) => !grid.isBlank(row)).map((row) => this.line(grid, row, field, bindings));
      grid.rows.filter((row) => grid.isBlank(row)).forEach((row) => row.querySelectorAll("[data-output]").forEach((each) => each.replaceChildren()));
    }
    compute(told.fields, told.computed, values, bindings);
    return values;
  }

  private line(grid: { name: string; whole: (row: HTMLTableRowElement) => Values }, row: HTMLTableRowElement, field: FieldInfo, bindings: Bindings): Values {
    const { told } = this.form;
    const values = seen(told, field.fields ?? {}, grid.whole(row));
    compute(field.fields ?? {}, field.computed ?? [], values, bindings);
    for (const name of field.computed ?? []) {
      this.show(row, `[data-cell="${CSS.escape(name)}"] [data-output]`, field.fields?.[name], values[name], values, name);
    }
    return values;
  }

  private show(root: ParentNode, selector: string, field: FieldInfo | undefined, value: unknown, values: Values, name: string): void {
    const output = root.querySelector<HTMLElement>(selector);
    if (!output || !field?.formula) {
      if (output && isEmpty(value) && !output.textContent) output.textContent = output.dataset.blank ?? "";
      return;
    }
    const text = shown(this.form.told, field, value, values[`${name}_currency`]);
    if (output.textContent !== text) output.textContent = text;
  }

  private bindings(): Bindings {
    const { told } = this.form;
    const before = told.id ? seen(told, told.fields, told.values) : null;
    return {
      now: told.now, today: told.today, user: told.user, old: before,
      isNew: told.id === null, changed: Object.keys(this.form.changes()),
    };
  }

  private conditions(values: Values, bindings: Bindings): void {
    const { told, element } = this.form;
    const all = (rules: Expression[] | undefined, of = values) => (rules ?? []).every((rule) => holds(rule, of, bindings));
    const any = (rules: Expression[] | undefined, of = values) => (rules ?? []).some((rule) => holds(rule, of, bindings));
    element.querySelectorAll<HTMLElement>("[data-field]").forEach((field) => {
      const name = field.dataset.field!;
      const rules = told.conditions[name];
      if (rules?.visible) field.hidden = !all(rules.visible);
      const required = "required" in field.dataset || any(rules?.required);
      field.toggleAttribute("data-required-now", required);
      const star = field.querySelector<HTMLElement>(":scope > label .fs-required");
      if (star) star.hidden = !required;
      const input = field.querySelector<HTMLElement>(":scope > .fs-control [data-input]");
      if (input && input.getAttribute("role") !== "group") input.toggleAttribute("aria-required", required);
      if (input && required) input.setAttribute("aria-required", "true");
      if (rules?.readOnly || rules?.locked) {
        const locked = any(rules.readOnly) || (bindings.old ? any(rules.locked, bindings.old) : false);
        this.form.lock(name, locked);
      }
    });
    element.querySelectorAll<HTMLElement>("[data-section]").forEach((section) => {
      const rule = told.parts.sections[section.dataset.section!];
      const filled = [...section.querySelectorAll<HTMLElement>("[data-field]")].some((field) => !field.hidden);
      section.hidden = !filled || (rule ? !holds(rule, values, bindings) : false);
    });
    element.querySelectorAll<HTMLElement>("[data-panel]").forEach((panel) => {
      const rule = told.parts.tabs[panel.dataset.panel!];
      const filled = [...panel.querySelectorAll<HTMLElement>("[data-section]")].some((section) => !section.hidden);
      const tab = element.querySelector<HTMLElement>(`[data-tab="${CSS.escape(panel.dataset.panel!)}"]`);
      if (!tab) return;
      tab.hidden = !filled || (rule ? !holds(rule, values, bindings) : false);
      if (tab.hidden && tab.getAttribute("aria-selected") === "true") {
        element.querySelector<HTMLElement>("[data-tab]:not([hidden])")?.click();
      }
    });
  }
}

function seen(told: Described, fields: Fields, values: Values): Values {
  const result: Values = { ...values };
  for (const [name, field] of Object.entries(fields)) {
    const value = result[name];
    if (field.type === "money" && isEmpty(value)) result[`${name}_currency`] = result[`${name}_base`] = null;
    if (isEmpty(value)) continue;
    if (field.type === "money") {
      const currency = String(result[`${name}_currency`] ?? field.currency ?? told.currency);
      result[`${name}_currency`] = currency;
      result[name] = toPlaces(String(value), told.digits[currency] ?? 2);
      result[`${name}_base`] = inCompanyCurrency(told, String(result[name]), currency);
    } else if (typeof value === "string" && told.linked[value]) result[name] = told.linked[value];
    else if (field.fields && Array.isArray(value)) {
      const lines = field.type === "multi_link" ? value.map((line) => asRow(line as Values)) : (value as Values[]);
      result[name] = lines.map((line) => seen(told, field.fields!, line));
    }
  }
  return result;
}

function compute(fields: Fields, order: string[], values: Values, bindings: Bindings): void {
  for (const name of order) {
    const formula = fields[name]?.formula;
    if (formula) values[name] = evaluate(formula, values, bindings);
  }
}

// As the server stores it beside the amount: by the rate of the record's day, nothing where there is none.
function inCompanyCurrency(told: Described, amount: string, currency: string): string | null {
  if (currency === told.currency) return amount;
  const [value, rate] = [readDecimal(amount), readDecimal(told.rates[currency] ?? "")];
  const worth = value && rate && multiply(value, rate);
  return worth ? toPlaces(showDecimal(worth), told.digits[told.currency] ?? 2) : null;
}
