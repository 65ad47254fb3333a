// The form editor: cards are dragged (mouse, touch) or moved by buttons; everything is read from the page and sent
// as one arrangement, for which the server answers with the plan.
import Sortable from "sortablejs";

type Flags = Record<string, boolean>;
type Rules = Record<string, Flags>;

const editor = document.querySelector<HTMLFormElement>("form[data-arrange]");

function texts(element: Element, selector: string): string | undefined {
  const input = element.querySelector<HTMLInputElement>(selector);
  return input && input.value.trim() !== input.defaultValue ? input.value.trim() : undefined;
}

function rulesOf(card: HTMLElement): Rules {
  return JSON.parse(card.dataset.rules ?? "{}") as Rules;
}

function start(form: HTMLFormElement): void {
  const role = form.querySelector<HTMLSelectElement>("[data-role]")!;
  const layout = form.querySelector<HTMLInputElement>("[data-layout]")!;

  function read(): unknown {
    const own = (scope: Element, selector: string) => [...scope.querySelectorAll<HTMLElement>(selector)];
    return {
      tabs: own(form, "[data-tab]").map((tab) => ({
        name: tab.dataset.tab,
        title: tab.dataset.fresh ? tab.querySelector<HTMLInputElement>("[data-tab-title]")!.value : texts(tab, "[data-tab-title]"),
        sections: own(tab, "[data-section]").map((section) => ({
          name: section.dataset.section,
          title: section.dataset.fresh
            ? section.querySelector<HTMLInputElement>("[data-section-title]")!.value
            : texts(section, "[data-section-title]"),
          columns: Number(section.querySelector<HTMLSelectElement>("[data-columns]")!.value),
          items: own(section, "[data-item]").map((card) => ({
            name: card.dataset.item,
            title: texts(card, "[data-rename]"),
            rules: rulesOf(card),
          })),
        })),
      })),
    };
  }

  function arranged(): void {
    const now = JSON.stringify(read());
    if (now === layout.value) return; // leaving a title that was told while it was typed
    layout.value = now;
    // What could be published is the plan of an earlier arrangement: the next plan brings a button of its own.
    form.querySelector<HTMLButtonElement>("#arrange-foot [type=submit]")?.setAttribute("disabled", "");
    layout.dispatchEvent(new CustomEvent("fs:arranged", { bubbles: true }));
  }

  function show(card: HTMLElement): void {
    const rules = rulesOf(card);
    const effective = { ...rules[""], ...(rules[role.value] ?? {}) };
    card.querySelectorAll<HTMLInputElement>("[data-flag]").forEach((box) => (box.checked = Boolean(effective[box.dataset.flag!])));
    card.querySelectorAll<HTMLElement>("[data-mark]").forEach((mark) => (mark.hidden = !effective[mark.dataset.mark!]));
    card.querySelector<HTMLElement>("[data-for-role]")!.textContent = role.value ? role.selectedOptions[0]!.textContent : "";
  }

  function sortable(list: HTMLElement): void {
    Sortable.create(list, {
      group: "cards", handle: ".fs-grip", animation: 120, forceFallback: true, delayOnTouchOnly: true, delay: 80, onEnd: arranged,
    });
  }
  function sections(box: HTMLElement): void {
    Sortable.create(box, { group: "sections", handle: "header > .fs-grip", draggable: "[data-section]", animation: 120, forceFallback: true, onEnd: arranged });
  }
  form.querySelectorAll<HTMLElement>("[data-cards]").forEach(sortable);
  form.querySelectorAll<HTMLElement>("[data-sections]").forEach(sections);
  form.querySelectorAll<HTMLElement>("[data-item]").forEach(show);

  function fresh(selector: string): HTMLElement {
    const copy = document.querySelector<HTMLTemplateElement>(selector)!.content.firstElementChild!.cloneNode(true) as HTMLElement;
    copy.dataset.fresh = "1";
    return copy;
  }

  function addSection(tab: HTMLElement): void {
    const section = fresh("[data-new-section]");
    tab.querySelector("[data-sections]")!.append(section);
    sortable(section.querySelector<HTMLElement>("[data-cards]")!);
    section.querySelector<HTMLInputElement>("[data-section-title]")!.select();
  }

  /** Up or down, over the borders of sections. */
  function move(card: HTMLElement, by: number): void {
    const next = (by < 0 ? card.previousElementSibling : card.nextElementSibling) as HTMLElement | null;
    if (next) next[by < 0 ? "before" : "after"](card);
    else {
      const lists = [...form.querySelectorAll<HTMLElement>("[data-cards]")];
      const to = lists[lists.indexOf(card.parentElement!) + by];
      if (!to) return;
      to[by < 0 ? "append" : "prepend"](card);
    }
    card.querySelector<HTMLElement>(`[data-move="${by}"]`)?.focus();
    const place = card.closest("[data-section]")?.querySelector<HTMLInputElement>("[data-section-title]")?.value ?? "";
    form.querySelector<HTMLElement>("[data-said]")!.textContent = `${card.querySelector("[data-title]")!.textContent}: ${place}`;
    arranged();
  }

  form.addEventListener("click", (event) => {
    const target = event.target as Element;
    const mover = target.closest<HTMLElement>("[data-move]");
    if (mover) move(mover.closest<HTMLElement>("[data-item]")!, Number(mover.dataset.move));
    const tab = target.closest<HTMLElement>("[data-tab]");
    const unused = form.querySelector("[data-unused]")!;
    if (target.closest("[data-add-section]") && tab) {
      addSection(tab);
      arranged();
    } else if (target.closest("[data-add-tab]")) {
      form.querySelectorAll<HTMLElement>("[data-tab] > header").forEach((header) => (header.hidden = false));
      const added = fresh("[data-new-tab]");
      added.querySelector("header")!.hidden = false;
      target.closest("[data-add-tab]")!.before(added);
      sections(added.querySelector<HTMLElement>("[data-sections]")!);
      addSection(added);
      added.querySelector<HTMLInputElement>("[data-tab-title]")!.select();
      arranged();
    } else if (target.closest("[data-remove-section]")) {
      const section = target.closest("[data-section]")!;
      unused.append(...section.querySelectorAll("[data-item]"));
      section.remove();
      arranged();
    } else if (target.closest("[data-remove-tab]") && tab) {
      unused.append(...tab.querySelectorAll("[data-item]"));
      if (form.querySelectorAll("[data-tab]").length > 1) tab.remove();
      arranged();
    }
  });

  form.addEventListener("change", (event) => {
    const target = event.target as HTMLInputElement;
    if (target.matches("[data-role]")) {
      form.querySelectorAll<HTMLElement>("[data-item]").forEach(show);
      return;
    }
    if (target.matches("[name=consent], [name=role]")) return;
    const card = target.closest<HTMLElement>("[data-item]");
    if (card && target.dataset.flag) {
      const rules = rulesOf(card);
      rules[role.value] = { ...(rules[role.value] ?? {}), [target.dataset.flag]: target.checked };
      card.dataset.rules = JSON.stringify(rules);
      show(card);
    }
    if (card && target.matches("[data-rename]")) card.querySelector("[data-title]")!.textContent = target.value;
    arranged();
  });
  form.addEventListener("input", (event) => {
    if ((event.target as Element).matches("[data-section-title], [data-tab-title], [data-rename]")) arranged();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.target as Element).matches("input[type=text]")) {
      event.preventDefault();
      (event.target as HTMLElement).blur();
    }
  });
  layout.value = JSON.stringify(read());
}

if (editor) start(editor);
