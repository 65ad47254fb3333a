// Likely duplicates of what is being typed: looked for when the fields that decide have stood still for a moment.
import type { Form } from "./form";
import { same } from "./model";
import { ask } from "./requests";
import type { Values } from "./types";

const PAUSE = 500;

export class Duplicates {
  // Set when somebody saw what was found and saves all the same.
  anyway = false;
  private readonly box: HTMLElement | null;
  private timer = 0;
  private asked: Values | undefined;

  constructor(private readonly form: Form, private readonly save: () => void) {
    this.box = form.element.querySelector<HTMLElement>("[data-duplicates]");
    if (!this.box || !form.told.duplicates) return;
    this.asked = this.values();
    for (const name of ["input", "change"]) form.element.addEventListener(name, () => this.wait());
    this.box.addEventListener("click", (event) => {
      if (!(event.target as Element).closest("[data-save-anyway]")) return;
      this.anyway = true;
      this.save();
    });
  }

  // Shows what the server found; it was rendered there, with every text escaped.
  show(html: string): void {
    if (!this.box) return;
    this.box.innerHTML = html;
    const button = this.box.querySelector<HTMLElement>("[data-save-anyway]");
    if (!button) return;
    this.box.scrollIntoView({ block: "center" });
    button.focus();
  }

  private values(): Values {
    const whole = this.form.whole();
    return Object.fromEntries((this.form.told.duplicates?.fields ?? []).map((name) => [name, whole[name] ?? null]));
  }

  private wait(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE);
  }

  private async look(): Promise<void> {
    const values = this.values();
    if (!this.box || same(values, this.asked)) return;
    this.asked = values;
    this.anyway = false;
    try {
      const { status, body } = await ask(this.form.told.duplicates!.url, { values, id: this.form.told.id ?? null });
      if (status === 200 && this.asked === values) this.show(String(body?.["html"] ?? ""));
    } catch {
      this.asked = undefined; // the network is away: looked for again with the next change
    }
  }
}
