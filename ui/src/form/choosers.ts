// Controls in which one picks: stars and radio buttons, a colour, an icon; and secrets, which are never shown.
import type { Place, Widget } from "./widgets";

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
const heard = new WeakSet<HTMLElement>();

// Runs once per control, when it is first filled.
function once(element: HTMLElement, begin: () => void): void {
  if (heard.has(element)) return;
  heard.add(element);
  begin();
}

const list = (place: Place): HTMLSelectElement | null => place.element.querySelector("select[data-input]");
const buttons = (place: Place) => [...place.element.querySelectorAll<HTMLInputElement>("[data-choice] input[type=radio]")];

function tellChoice(place: Place): void {
  const chosen = buttons(place).find((each) => each.checked);
  const clear = place.element.querySelector<HTMLElement>("[data-choice-clear]");
  if (clear) clear.hidden = !chosen;
  const most = Number(chosen?.value ?? 0);
  place.element.querySelectorAll<HTMLElement>(".fs-stars-edit label").forEach((label, at) => label.toggleAttribute("data-on", at < most));
}

// One of several buttons; in a grid a list. `convert` makes the value of a button's text.
const choice = (convert: (value: string) => unknown): Widget => ({
  read: (place) => {
    const found = list(place)?.value ?? buttons(place).find((each) => each.checked)?.value ?? "";
    return found === "" ? (place.element.querySelector<HTMLElement>("[data-zero]") ? 0 : null) : convert(found);
  },
  write: (place, value) => {
    const shown = text(value);
    const select = list(place);
    if (select) {
      if (shown && ![...select.options].some((option) => option.value === shown)) select.add(new Option(shown, shown));
      select.value = shown;
      return;
    }
    const group = place.element.querySelector<HTMLElement>("[data-choice]")!;
    // No stars is not the same as never rated.
    group.toggleAttribute("data-zero", shown === "0");
    buttons(place).forEach((each) => (each.checked = each.value === shown));
    tellChoice(place);
    once(place.element, () => {
      group.addEventListener("change", () => {
        group.removeAttribute("data-zero");
        tellChoice(place);
      });
      group.querySelector("[data-choice-clear]")?.addEventListener("click", () => {
        buttons(place).forEach((each) => (each.checked = false));
        tellChoice(place);
        buttons(place)[0]?.focus();
        place.changed();
      });
    });
  },
});

export const radio = choice((value) => value);
export const rating = choice(Number);

const COLOUR = /^#[0-9a-f]{6}$/i;

export const colour: Widget = {
  read: (place) => {
    const typed = place.element.querySelector<HTMLInputElement>("[data-input]")!.value.trim();
    return typed ? (/^[0-9a-f]{6}$/i.test(typed) ? `#${typed}` : typed).toLowerCase() : null;
  },
  write: (place, value) => {
    const input = place.element.querySelector<HTMLInputElement>("[data-input]")!;
    const swatch = place.element.querySelector<HTMLInputElement>("[data-swatch]")!;
    const tell = () => {
      const known = COLOUR.test(input.value.trim());
      swatch.value = known ? input.value.trim() : "#ffffff";
      swatch.toggleAttribute("data-none", !known);
    };
    input.value = text(value);
    tell();
    once(place.element, () => {
      input.addEventListener("input", tell);
      swatch.addEventListener("input", () => {
        input.value = swatch.value;
        tell();
        place.changed();
      });
    });
  },
};

export const icon: Widget = {
  read: (place) => list(place)?.value || place.element.querySelector<HTMLElement>("[data-icons]")?.dataset.value || null,
  write: (place, value) => {
    const select = list(place);
    if (select) select.value = text(value);
    else IconBox.of(place).set(text(value));
  },
};

const boxes = new WeakMap<HTMLElement, IconBox>();

// A button that opens all pictures; arrows move between them, typing finds one by its name.
class IconBox {
  private readonly box: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private readonly find: HTMLInputElement;

  static of(place: Place): IconBox {
    let box = boxes.get(place.element);
    if (!box) boxes.set(place.element, (box = new IconBox(place)));
    return box;
  }

  private constructor(private readonly place: Place) {
    this.box = place.element.querySelector<HTMLElement>("[data-icons]")!;
    this.button = this.box.querySelector<HTMLButtonElement>("[data-input]")!;
    this.panel = this.box.querySelector<HTMLElement>(".fs-icons-panel")!;
    this.find = this.panel.querySelector("input")!;
    this.button.addEventListener("click", () => this.open(this.panel.hidden !== false));
    this.find.addEventListener("input", (event) => {
      event.stopPropagation();
      this.narrow();
    });
    this.panel.addEventListener("click", (event) => {
      const chosen = (event.target as Element).closest<HTMLElement>("[data-icon]");
      if (chosen) this.choose(chosen.dataset.icon!);
    });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.box.contains(event.relatedTarget as Node)) this.open(false, false);
    });
  }

  set(name: string): void {
    this.box.dataset.value = name;
    const picture = [...this.pictures()].find((each) => each.dataset.icon === name)?.querySelector("svg");
    const shown = this.box.querySelector<HTMLElement>("[data-icon-picture]")!;
    shown.replaceChildren(...(picture ? [picture.cloneNode(true)] : []));
    const named = this.box.querySelector<HTMLElement>("[data-icon-name]")!;
    named.textContent = name || named.dataset.none!;
    this.pictures().forEach((each) => each.setAttribute("aria-selected", String(each.dataset.icon === name)));
  }

  private pictures(): NodeListOf<HTMLElement> {
    return this.panel.querySelectorAll<HTMLElement>("[role=option]");
  }

  private open(wanted: boolean, back = true): void {
    if (wanted === !this.panel.hidden) return;
    this.panel.hidden = !wanted;
    this.button.setAttribute("aria-expanded", String(wanted));
    if (wanted) {
      this.find.value = "";
      this.narrow();
      this.find.focus();
    } else if (back) this.button.focus();
  }

  private choose(name: string): void {
    this.set(name);
    this.open(false);
    this.place.changed();
  }

  private narrow(): void {
    const wanted = this.find.value.trim().toLowerCase();
    this.pictures().forEach((each) => (each.hidden = !each.dataset.icon!.includes(wanted)));
  }

  private key(event: KeyboardEvent): void {
    if (this.panel.hidden) return;
    const shown = [...this.pictures()].filter((each) => !each.hidden);
    const at = shown.indexOf(document.activeElement as HTMLElement);
    const columns = Math.max(1, Math.floor((shown[0]?.parentElement?.clientWidth ?? 36) / 36));
    const step: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : columns, ArrowUp: -columns };
    if (event.key === "Escape") this.open(false);
    else if (event.key === "Enter" && event.target === this.find && shown[0]) this.choose(shown[0].dataset.icon!);
    else if (event.key in step && (at >= 0 || event.key === "ArrowDown")) (shown[Math.max(0, at + step[event.key]!)] ?? (at < 0 ? shown[0] : shown[at]))?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

// What was typed is sent and kept nowhere else; untouched, the secret stays as it is.
export const secret: Widget = {
  read: (place) => {
    const input = place.element.querySelector<HTMLInputElement>("[data-input]")!;
    return input.value || (input.hasAttribute("data-there") ? { set: true } : null);
  },
  write: (place, value) => {
    const input = place.element.querySelector<HTMLInputElement>("[data-input]")!;
    const clear = place.element.querySelector<HTMLElement>("[data-secret-clear]")!;
    const fresh = input.dataset.fresh ?? (input.dataset.fresh = input.placeholder);
    const there = typeof value === "object" && value !== null;
    const tell = (set: boolean) => {
      input.toggleAttribute("data-there", set);
      input.placeholder = set ? input.dataset.set! : fresh;
      clear.hidden = !(set || input.value);
    };
    input.value = typeof value === "string" ? value : "";
    tell(there);
    once(place.element, () => {
      input.addEventListener("input", () => (clear.hidden = !input.value && !input.hasAttribute("data-there")));
      clear.addEventListener("click", () => {
        input.value = "";
        tell(false);
        input.focus();
        place.changed();
      });
    });
  },
};
