// Navigation, theme and language: small choices that the server renders from cookies on the next page.
import "bootstrap/js/dist/dropdown";

const root = document.documentElement;
const YEAR = 31536000;

/** Remember a choice of this browser for the pages under `path`. */
export function remember(name: string, value: string, path = "/"): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=${path}; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

/** Whether a key press belongs to what is being typed. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

export function setTheme(choice: string): void {
  root.dataset.theme = choice;
  root.dispatchEvent(new Event("fs:theme"));
  remember("fs_theme", choice);
  markChosen();
}

export function setLocale(locale: string): void {
  remember("fs_locale", locale);
  location.reload();
}

function markChosen(): void {
  document.querySelectorAll<HTMLElement>("[data-set-theme]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === (root.dataset.theme ?? "auto")));
  });
}

function openNav(open: boolean): void {
  const nav = document.querySelector<HTMLElement>("#nav");
  if (!nav) return;
  root.toggleAttribute("data-nav-open", open);
  if (open) nav.querySelector<HTMLElement>("a")?.focus();
  else document.querySelector<HTMLElement>(".fs-tabs [data-nav-toggle]")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-nav-toggle]")) {
    if (matchMedia("(max-width: 767.98px)").matches) {
      openNav(!root.hasAttribute("data-nav-open"));
    } else {
      const narrow = root.dataset.nav === "narrow";
      root.dataset.nav = narrow ? "wide" : "narrow";
      remember("fs_nav", root.dataset.nav);
    }
  } else if (target.closest(".fs-scrim")) {
    openNav(false);
  }
  const theme = target.closest<HTMLElement>("[data-set-theme]");
  if (theme) setTheme(theme.dataset.setTheme!);
  const locale = target.closest<HTMLElement>("[data-set-locale]");
  if (locale) setLocale(locale.dataset.setLocale!);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && root.hasAttribute("data-nav-open")) openNav(false);
});

// `/` goes to the search box of the page, or opens the palette where there is none.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const box = document.querySelector<HTMLInputElement>("[data-find]");
  event.preventDefault();
  if (box) {
    box.focus();
    box.select();
  } else document.dispatchEvent(new Event("fs:palette"));
});

// A page from before (back button) must not show a menu that was open when it was left.
window.addEventListener("pageshow", () => root.removeAttribute("data-nav-open"));
document.addEventListener("DOMContentLoaded", markChosen);
