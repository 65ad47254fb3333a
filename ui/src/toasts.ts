// Short messages at the edge of the screen. The server sends them ready-made into #toasts; they leave by
// themselves, stay while pointed at or focused, and longer when they offer an action.
const SHORT = 5000;
const WITH_ACTION = 12000;

function startTimer(toast: HTMLElement): void {
  if (toast.dataset.timed) return;
  toast.dataset.timed = "1";
  let timer = 0;
  const life = toast.querySelector("form") || toast.dataset.tone === "error" ? WITH_ACTION : SHORT;
  const start = () => (timer = window.setTimeout(() => toast.remove(), life));
  const stop = () => window.clearTimeout(timer);
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

/** Show a message made in the browser. */
export function showToast(text: string, tone: "done" | "error" = "done"): void {
  const template = document.querySelector<HTMLTemplateElement>("#toast-template");
  const box = document.querySelector("#toasts");
  if (!template || !box || !text) return;
  const toast = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
  toast.dataset.tone = tone;
  toast.querySelector("p")!.textContent = text;
  box.append(toast);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest("[data-toast-close]");
  button?.closest(".fs-toast")?.remove();
});

function watch(): void {
  const box = document.querySelector<HTMLElement>("#toasts");
  if (!box) return;
  const timeAll = () => box.querySelectorAll<HTMLElement>(".fs-toast").forEach(startTimer);
  new MutationObserver(timeAll).observe(box, { childList: true });
  timeAll();
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
else watch();
