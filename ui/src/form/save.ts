// Saving: what changed is sent once; whatever comes back, nothing that was typed is lost.
import { showToast } from "../toasts";
import { choose } from "./conflict";
import type { Clash } from "./conflict";
import { keepDraft } from "./drafts";
import { Duplicates } from "./duplicates";
import { Path } from "./path";
import type { Form } from "./form";
import { same } from "./model";
import { ask, askToSignIn, renewToken } from "./requests";
import type { Answer } from "./requests";
import type { Linked, Problem, Values } from "./types";

export class Saving {
  private busy = false;
  private signingIn = false;

  private readonly duplicates: Duplicates;

  constructor(private readonly form: Form) {
    this.duplicates = new Duplicates(form, () => void this.save());
    new Path(form);
    document.addEventListener("fs:session", () => {
      if (!this.signingIn) return;
      this.signingIn = false;
      window.setTimeout(() => void this.save(), 0);
    });
  }

  async save(): Promise<void> {
    const { form } = this;
    if (this.busy || form.leaving) return;
    const missing = form.missing();
    if (missing.length) return form.problems.show(missing);
    const values = form.toSend();
    if (form.told.id && Object.keys(values).length === 0) return this.leave(form.told.save.replace(/\/save$/, ""));
    this.wait(true);
    form.keep();
    try {
      await this.answered(await this.send(values));
    } catch {
      showToast(form.text("form.lost"), "error");
    } finally {
      if (!form.leaving) this.wait(false);
    }
  }

  private async send(values: Values): Promise<Answer> {
    const { told } = this.form;
    const body = { key: told.key, revision: told.revision, version: told.version, form: told.form, values, anyway: this.duplicates.anyway };
    const answer = await ask(told.save, body);
    if (answer.status !== 403 || answer.body) return answer;
    const token = await renewToken(told.user.id);
    if (token === "other") showToast(this.form.text("form.other_user"), "error");
    return token === "renewed" ? ask(told.save, body) : answer;
  }

  private async answered({ status, body }: Answer): Promise<void> {
    const { form } = this;
    if (status === 200 && body) return this.leave(String(body["url"]));
    if (status === 401) {
      this.signingIn = true;
      return askToSignIn(form.told.home);
    }
    switch (body?.["kind"]) {
      case "invalid":
        return form.problems.show(body["problems"] as Problem[]);
      case "stale":
        return this.clash(body);
      case "duplicates":
        form.put({});
        return this.duplicates.show(String(body["html"]));
      case "moved":
        keepDraft(form.told.draft, form.draft());
        form.leaving = true;
        return location.reload();
      case "reused":
        form.told.key = String(body["key"]);
        form.notes.say(form.text("form.saved_before"));
        return;
      default:
        showToast(String(body?.["message"] ?? form.text("form.lost")), "error");
    }
  }

  // What only one of both changed is taken as it is; where both did, one chooses.
  private async clash(body: Record<string, unknown>): Promise<void> {
    const { form } = this;
    const now = body["values"] as Values;
    const mine = form.changes();
    const theirs = form.normals(now);
    const before = Object.fromEntries(Object.keys(theirs).map((name) => [name, form.original(name)]));
    Object.assign(form.told.linked, body["linked"] as Record<string, Linked>);
    const clashes: Clash[] = Object.keys(mine)
      .filter((name) => !same(theirs[name], before[name]) && !same(theirs[name], mine[name]))
      .map((name) => ({ name, before: before[name], now: theirs[name], mine: mine[name] }));
    const kept = clashes.length ? await choose(form, `${body["text"]} ${form.text("form.stale_text")}`, clashes, now) : [];
    if (kept === null) return;
    form.rebase(now, Number(body["version"]));
    const values: Values = { ...now };
    for (const name of Object.keys(mine)) {
      if (!clashes.some((clash) => clash.name === name) || kept.includes(name)) values[name] = mine[name];
    }
    form.put(values);
    this.wait(false);
    await this.save();
  }

  private leave(address: string): void {
    this.form.leaving = true;
    this.form.forget();
    location.assign(address);
  }

  private wait(busy: boolean): void {
    this.busy = busy;
    const button = this.form.element.querySelector<HTMLButtonElement>("[data-form-save]");
    const state = this.form.element.querySelector<HTMLElement>("[data-form-state]");
    if (button) button.disabled = busy;
    if (!busy) this.form.tellState();
    else if (state) state.textContent = state.dataset.saving ?? "";
  }
}
