// The proposal of a new entity: what is left out is greyed at once; the server answers everything else.
document.addEventListener("change", (event) => {
  const box = event.target as HTMLElement;
  if (!(box instanceof HTMLInputElement) || !box.closest("[data-sheet]")) return;
  const part = box.matches("[data-sheet-use]") ? ".fs-sheet" : box.matches("[data-column-use]") ? ".fs-sheet-column" : "";
  if (part) box.closest(part)!.toggleAttribute("data-left-out", !box.checked);
});

// Enter in a field keeps what was typed (a change) instead of leaving the page.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches("[data-sheet]")) return;
  event.preventDefault();
});

/** The button follows the plan: what it would make, and whether anything stands in the way. */
function fitButton(): void {
  const foot = document.querySelector<HTMLElement>("[data-foot]");
  const button = document.querySelector<HTMLButtonElement>("[data-create]");
  if (!foot || !button) return;
  button.disabled = foot.hasAttribute("data-blocked");
  button.querySelector("span")!.textContent = foot.dataset.label ?? "";
}
document.addEventListener("htmx:afterRequest", () => fitButton());
