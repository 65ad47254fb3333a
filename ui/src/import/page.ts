// The import page: files dropped on it, columns that fill several fields, ways of reading that fit a field, and
// a trial whose result is marked old as soon as a decision changes. The server renders everything else.
import "./faults";
import "./sheet";

const READINGS = "[data-reading]";

function fitTarget(target: Element): void {
  const field = target.querySelector<HTMLSelectElement>("[name=target_field]");
  const reading = target.querySelector<HTMLSelectElement>(READINGS);
  const factor = target.querySelector<HTMLElement>("[data-factor]");
  if (!field || !reading || !factor) return;
  const kind = field.selectedOptions[0]?.dataset.kind ?? "";
  let offered = 0;
  for (const option of reading.options) {
    const fits = !option.dataset.for || option.dataset.for === kind;
    option.hidden = option.disabled = !fits;
    if (option.dataset.for && fits) offered += 1;
    if (!fits && option.selected) reading.value = "";
  }
  reading.hidden = offered === 0;
  factor.hidden = kind !== "number";
  if (factor.hidden) factor.querySelector("input")!.value = "";
  const column = target.closest<HTMLElement>(".fs-column");
  const filled = [...(column?.querySelectorAll<HTMLSelectElement>("[name=target_field]") ?? [])].some((each) => each.value);
  column?.toggleAttribute("data-left-out", !filled);
  const near = column?.querySelector<HTMLElement>("[data-near]");
  if (near) near.hidden = filled;
}

function fitSettle(row: Element): void {
  const choice = row.querySelector<HTMLSelectElement>("[data-choice]");
  const other = row.querySelector<HTMLElement>("[data-other]");
  if (!choice || !other) return;
  other.hidden = choice.value !== "other";
  row.toggleAttribute("data-settled", choice.value !== "");
}

function fitMode(form: ParentNode): void {
  const mode = form.querySelector<HTMLSelectElement>("[data-mode]")?.value;
  form.querySelectorAll<HTMLElement>("[data-for-update]").forEach((each) => (each.hidden = mode === "create"));
}

function fitAll(root: ParentNode): void {
  root.querySelectorAll("[data-target]").forEach(fitTarget);
  root.querySelectorAll("[data-settle]").forEach(fitSettle);
  const form = document.querySelector("[data-import]");
  if (form) fitMode(form);
}

/** The result of a trial tells of decisions that are no more: it has to be tried again. */
function markStale(): void {
  const check = document.querySelector("[data-check]");
  if (check?.querySelector("[data-result]")) check.setAttribute("data-stale", "");
}

document.addEventListener("change", (event) => {
  const control = event.target as HTMLElement;
  if (!control.closest("[data-import]") || control.closest("[data-saved]")) return; // a name changes no decision
  const target = control.closest("[data-target]");
  const settle = control.closest("[data-settle]");
  if (target) fitTarget(target);
  if (settle) {
    fitSettle(settle);
    const other = settle.querySelector<HTMLElement>("[data-other]:not([hidden])");
    if (control.matches("[data-choice]")) other?.focus();
  }
  if (control.matches("[data-mode]")) fitMode(document);
  const keys = [...document.querySelectorAll<HTMLElement>("[data-key]")];
  const last = keys.at(-1);
  if (last?.contains(control) && (control as HTMLSelectElement).value) {
    const next = last.cloneNode(true) as HTMLElement; // there may be one more key than are chosen
    next.querySelector("select")!.value = "";
    last.after(next);
  }
  markStale();
});
document.addEventListener("input", (event) => {
  const control = event.target as Element;
  if (control.closest("[data-import]") && !control.closest("[data-saved]")) markStale();
});

/** One more of the last `selector` in `box`, empty. */
function another(box: ParentNode, selector: string): void {
  const last = [...box.querySelectorAll<HTMLElement>(selector)].at(-1);
  if (!last) return;
  const copy = last.cloneNode(true) as HTMLElement;
  copy.querySelectorAll<HTMLSelectElement>("select").forEach((each) => (each.value = ""));
  copy.querySelectorAll<HTMLInputElement>("input:not([type=hidden])").forEach((each) => (each.value = ""));
  last.after(copy);
  if (copy.matches("[data-target]")) fitTarget(copy);
  copy.querySelector<HTMLElement>("select")?.focus();
}

document.addEventListener("click", (event) => {
  const near = (event.target as Element).closest<HTMLElement>("[data-near]");
  if (near) {
    const select = near.closest(".fs-column")!.querySelector<HTMLSelectElement>("[name=target_field]")!;
    select.value = near.dataset.near!;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.focus();
    return;
  }
  const button = (event.target as Element).closest<HTMLElement>("[data-add-target], [data-add-fixed], [data-use-all]");
  if (!button) return;
  if (button.matches("[data-add-target]")) another(button.closest(".fs-column")!, "[data-target]");
  else if (button.matches("[data-add-fixed]")) another(button.closest(".fs-fixed")!, "[data-fixed]");
  else {
    document.querySelectorAll<HTMLSelectElement>("[data-settle] [data-choice]").forEach((choice) => {
      if (!choice.value && [...choice.options].some((option) => option.value === "near")) choice.value = "near";
      fitSettle(choice.closest("[data-settle]")!);
    });
    markStale();
  }
});

// Enter in a field of the form tries it out instead of leaving the page.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches("[data-import]")) return;
  event.preventDefault();
  form.querySelector<HTMLElement>("[data-check-button]")?.click();
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const zone = document.querySelector<HTMLElement>("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.toggleAttribute("data-over", name === "dragover");
    const files = (event as DragEvent).dataTransfer?.files;
    if (name !== "drop" || !files?.length) return;
    const input = zone.querySelector<HTMLInputElement>("input[type=file]")!;
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

document.addEventListener("htmx:afterSwap", (event) => {
  const swapped = event.target as Element;
  if (swapped.id === "check") swapped.removeAttribute("data-stale");
});
document.addEventListener("htmx:load", (event) => fitAll(event.target as Element));
