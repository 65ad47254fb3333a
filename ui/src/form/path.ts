// Who would be asked about what is on the form now: shown while one types, before anything is submitted.
import type { Form } from "./form";
import { same } from "./model";
import { ask } from "./requests";
import type { Values } from "./types";

const PAUSE = 600;

export class Path {
  private readonly box: HTMLElement | null;
  private timer = 0;
  private asked: Values | undefined;

  constructor(private readonly form: Form) {
    this.box = form.element.querySelector<HTMLElement>("[data-approval-path]");
    if (!this.box) return;
    for (const name of ["input", "change"]) form.element.addEventListener(name, () => this.wait());
    this.wait();
  }

  private wait(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE);
  }

  private async look(): Promise<void> {
    const values = this.form.toSend();
    if (!this.box || same(values, this.asked)) return;
    this.asked = values;
    try {
      const { status, body } = await ask(this.box.dataset.approvalPath!, { values, id: this.form.told.id ?? null });
      if (status === 200 && this.asked === values) this.show(String(body?.["html"] ?? ""));
    } catch {
      this.asked = undefined; // the network is away: looked for again with the next change
    }
  }

  // Rendered by the server, with every text escaped. A way that one field starts stands below that field.
  private show(html: string): void {
    this.form.element.querySelectorAll(".fs-path-way").forEach((way) => way.remove());
    this.box!.innerHTML = html;
    this.box!.querySelectorAll<HTMLElement>("[data-beside]").forEach((way) => {
      this.form.element.querySelector(`[data-field="${CSS.escape(way.dataset.beside!)}"]`)?.append(way);
    });
  }
}
