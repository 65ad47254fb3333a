// Starts the form of a page: saving by button, Enter and Ctrl+S; a warning before unsaved work is left.
import { Form } from "./form";
import { Saving } from "./save";
import "./tabs";

function start(): void {
  const element = document.querySelector<HTMLFormElement>("form[data-form]");
  if (!element) return;
  const form = new Form(element);
  const saving = new Saving(form);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void saving.save();
  });
  element.addEventListener("keydown", (event) => {
    const target = event.target as Element;
    // Enter in a field does not send a half-filled form.
    if (event.key === "Enter" && target.matches("input:not([type=submit])") && !event.isComposing) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    (document.activeElement as HTMLElement | null)?.blur();
    void saving.save();
  });
  element.querySelector("[data-form-cancel]")?.addEventListener("click", () => form.forget());
  window.addEventListener("beforeunload", (event) => {
    if (form.leaving || !form.dirty) return;
    form.keep();
    event.preventDefault();
  });
  // The server asks to load the page again (a field was added): what is typed is kept, and nobody is asked.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if ((event as CustomEvent).detail.xhr.getResponseHeader("HX-Refresh") !== "true") return;
    if (form.dirty) form.keep();
    form.leaving = true;
  });
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
