// Problems at their fields, and a summary that leads to them. A pointer names a field, a part of it, or a line's cell.
import type { Form } from "./form";
import type { Problem } from "./types";

let number = 0;

export class Problems {
  private readonly box: HTMLElement;

  constructor(private readonly form: Form) {
    this.box = form.element.querySelector<HTMLElement>("[data-form-problems]")!;
    form.element.addEventListener("fs:problem", (event) => {
      const holder = (event.target as Element).closest<HTMLElement>("[data-cell], [data-field]");
      if (holder) mark(holder, (event as CustomEvent<string>).detail);
    });
    form.element.addEventListener("input", (event) => {
      const holder = (event.target as Element).closest<HTMLElement>("[data-cell], [data-field]");
      if (holder?.querySelector("[aria-invalid]")) mark(holder, "");
    });
  }

  clear(): void {
    this.box.hidden = true;
    this.form.element.querySelectorAll<HTMLElement>("[data-invalid]").forEach((holder) => mark(holder, ""));
    this.form.element.querySelectorAll<HTMLElement>(".fs-tab-problem").forEach((dot) => (dot.hidden = true));
  }

  show(problems: Problem[]): void {
    this.clear();
    const list = document.createElement("ul");
    for (const problem of problems) list.append(this.entry(problem));
    const title = document.createElement("strong");
    title.textContent = this.form.text("form.error_summary");
    this.box.replaceChildren(title, list);
    this.box.hidden = false;
    this.box.focus({ preventScroll: true });
    this.box.scrollIntoView({ block: "center", behavior: "instant" });
  }

  private entry(problem: Problem): HTMLElement {
    const item = document.createElement("li");
    const holder = this.holder(problem.pointer);
    const [, name = "", row] = problem.pointer.split("/");
    const field = this.form.told.fields[name];
    if (holder) mark(holder, problem.message);
    const panel = holder?.closest<HTMLElement>("[data-panel]");
    const dot = panel && this.form.element.querySelector<HTMLElement>(`[data-tab="${CSS.escape(panel.dataset.panel!)}"] .fs-tab-problem`);
    if (dot) dot.hidden = false;
    const inner = holder?.dataset.cell ? field?.fields?.[holder.dataset.cell] : undefined;
    const place = [
      field?.title,
      inner && this.form.text("form.line_number").replace("{n}", String(Number(row) + 1)),
      inner?.title,
    ].filter(Boolean).join(" · ");
    const text = place ? `${place}: ${problem.message}` : problem.message;
    if (!holder) {
      item.append(text, ...mending(problem));
      return item;
    }
    const link = document.createElement("button");
    link.type = "button";
    link.textContent = text;
    link.addEventListener("click", () => this.form.reveal(holder));
    item.append(link, ...mending(problem));
    return item;
  }

  private holder(pointer: string): HTMLElement | null {
    const [, raw = "", row, inner] = pointer.split("/").map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
    const name = this.form.told.fields[raw] ? raw : raw.replace(/_(currency|base)$/, "");
    const grid = this.form.grids.get(name);
    if (grid && row !== undefined && inner !== undefined) {
      const line = grid.sent[Number(row)];
      const own = inner === "id" && grid.field.type === "multi_link" ? "link" : inner;
      const cell = line && grid.cell(line, own.replace(/_(currency|base)$/, ""));
      if (cell) return cell;
    }
    return this.form.element.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
  }
}

// A link to the records that stand in the way, in a window of its own, so that nothing typed is left behind.
function mending({ mend }: Problem): (Node | string)[] {
  if (!mend) return [];
  const link = document.createElement("a");
  link.href = mend.href;
  link.target = "_blank";
  link.textContent = mend.title;
  return [" ", link];
}

// Puts a message at a field or cell, or takes it away (empty text).
export function mark(holder: HTMLElement, text: string): void {
  const box = holder.querySelector<HTMLElement>(":scope > .fs-error") ?? holder.querySelector<HTMLElement>(".fs-error");
  if (!box) return;
  box.id ||= `problem-${++number}`;
  box.textContent = text;
  box.hidden = !text;
  holder.toggleAttribute("data-invalid", Boolean(text));
  if (holder.dataset.type === "lines") return;
  const inputs = holder.querySelectorAll<HTMLElement>("[data-input], [data-part], .fs-pick input");
  inputs.forEach((input) => {
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    const ids = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    ids.add(box.id);
    input.setAttribute("aria-describedby", [...ids].join(" "));
    input.classList.toggle("is-invalid", Boolean(text));
  });
}
