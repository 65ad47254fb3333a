// The command palette: Ctrl+K or ⌘K. The server finds; this moves through what it found (an ARIA combobox).
import htmx from "htmx.org";

const palette = () => document.querySelector<HTMLDialogElement>("#palette");
const input = () => document.querySelector<HTMLInputElement>("#palette-input");
const options = () => [...document.querySelectorAll<HTMLElement>("#palette-results [role=option]")];

function choose(option: HTMLElement | undefined): void {
  options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
  if (option) {
    input()?.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input()?.removeAttribute("aria-activedescendant");
}

// What the options shown were found for; Enter before the answer to the newest words waits for it.
let answered = "";
let goWhenFound = false;

function go(): void {
  options().find((each) => each.getAttribute("aria-selected") === "true")?.click();
}

function openPalette(): void {
  const dialog = palette();
  const field = input();
  if (!dialog || !field || dialog.open) return;
  field.value = "";
  goWhenFound = false;
  dialog.showModal();
  field.focus();
  htmx.trigger(field, "fs:find", {});
}

document.addEventListener("fs:palette", openPalette);
document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-palette]")) openPalette();
  if (target.closest("#palette-results [role=option]")) palette()?.close();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette()?.open) palette()?.close();
    else openPalette();
    return;
  }
  if (!palette()?.open || event.isComposing) return;
  const all = options();
  const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
  else if (event.key === "Enter") {
    if (answered === input()?.value) go();
    else goWhenFound = true;
  } else return;
  event.preventDefault();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if ((event.target as Element).id !== "palette-results") return;
  answered = (event as CustomEvent).detail.requestConfig?.parameters?.q ?? "";
  choose(options()[0]);
  if (goWhenFound && answered === input()?.value) go();
});
