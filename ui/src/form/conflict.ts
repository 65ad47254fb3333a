// Somebody else saved the record meanwhile: for each field that both changed, a choice between theirs and mine.
import type { Form } from "./form";
import { shown } from "./model";
import type { Values } from "./types";

export interface Clash {
  name: string;
  before: unknown;
  now: unknown;
  mine: unknown;
}

// Resolves to the names whose own value is kept, or null when the choice was left open.
export function choose(form: Form, text: string, clashes: Clash[], now: Values): Promise<string[] | null> {
  const dialog = document.querySelector<HTMLDialogElement>("#form-conflict")!;
  const box = dialog.querySelector<HTMLElement>("[data-conflict]")!;
  const intro = document.createElement("p");
  intro.textContent = text;
  const sheet = document.createElement("form");
  sheet.method = "dialog";
  for (const clash of clashes) sheet.append(field(form, clash, now));
  const foot = document.createElement("div");
  foot.className = "fs-dialog-foot";
  foot.append(button(form.text("action.cancel"), "cancel", "btn"), button(form.text("form.stale_save"), "save", "btn btn-primary"));
  sheet.append(foot);
  box.replaceChildren(intro, sheet);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        if (dialog.returnValue !== "save") return resolve(null);
        const mine = clashes.filter((clash) => sheet.querySelector<HTMLInputElement>(`input[name="${CSS.escape(clash.name)}"]:checked`)?.value === "mine");
        resolve(mine.map((clash) => clash.name));
      },
      { once: true },
    );
  });
}

function field(form: Form, clash: Clash, now: Values): HTMLElement {
  const group = document.createElement("fieldset");
  group.className = "fs-clash";
  const told = form.told.fields[clash.name] ?? form.told.fields[clash.name.replace(/_currency$/, "")];
  const legend = document.createElement("legend");
  legend.textContent = told?.title ?? clash.name;
  const currency = now[`${clash.name}_currency`];
  const words = (value: unknown) => shown(form.told, told, value, currency) || form.text("value.empty");
  const before = document.createElement("p");
  before.textContent = `${form.text("form.stale_before")}: ${words(clash.before)}`;
  group.append(legend, option(clash.name, "now", form.text("form.stale_now"), words(clash.now), false));
  group.append(option(clash.name, "mine", form.text("form.stale_mine"), words(clash.mine), true), before);
  return group;
}

function option(name: string, value: string, title: string, text: string, checked: boolean): HTMLElement {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "radio";
  input.className = "form-check-input";
  input.name = name;
  input.value = value;
  input.checked = checked;
  const strong = document.createElement("strong");
  strong.textContent = title;
  const span = document.createElement("span");
  span.textContent = text;
  label.append(input, strong, span);
  return label;
}

function button(text: string, value: string, classes: string): HTMLElement {
  const made = document.createElement("button");
  made.className = classes;
  made.value = value;
  made.textContent = text;
  return made;
}
