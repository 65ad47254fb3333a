// Native dialogs: <dialog id="x">, opened by data-dialog="x", closed by data-dialog-close, Escape or the ground.
// Content that htmx puts into a dialog with data-open-on-load opens it.
function open(dialog: HTMLDialogElement | null): void {
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener) open(document.querySelector<HTMLDialogElement>(`#${opener.dataset.dialog}`));
  if (target.closest("[data-dialog-close]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && target.open) {
    const box = target.getBoundingClientRect();
    const { clientX: x, clientY: y } = event as MouseEvent;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) target.close();
  }
});

document.addEventListener("htmx:load", (event) => {
  const element = event.target as Element;
  if (element.matches?.("[data-open-dialog]")) open(element.closest("dialog"));
});
document.addEventListener("fs:close-dialog", () => document.querySelector<HTMLDialogElement>("dialog[open]")?.close());

// Copy the text of the element that data-copy names.
document.addEventListener("click", async (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
  if (!button) return;
  const source = document.querySelector<HTMLElement>(`#${button.dataset.copy}`);
  await navigator.clipboard.writeText(source?.textContent ?? "");
  const label = button.textContent;
  button.textContent = button.dataset.copied ?? label;
  window.setTimeout(() => (button.textContent = label), 1500);
});
