// The list of what is wrong: found by text and column, and shown a page at a time.
const PAGE = 25;

function fit(box: HTMLElement): void {
  const words = box.querySelector<HTMLInputElement>("[data-fault-text]")?.value.trim().toLowerCase() ?? "";
  const column = box.querySelector<HTMLSelectElement>("[data-fault-column]")?.value ?? "";
  const most = Number(box.dataset.pages ?? 1) * PAGE;
  let found = 0;
  box.querySelectorAll<HTMLTableRowElement>("tbody tr").forEach((row) => {
    const fits = (!column || row.dataset.column === column) && row.textContent!.toLowerCase().includes(words);
    if (fits) found += 1;
    row.hidden = !fits || found > most;
  });
  const more = box.querySelector<HTMLElement>("[data-fault-more]");
  if (more) more.hidden = found <= most;
}

function of(target: EventTarget | null, selector: string): HTMLElement | null {
  const part = (target as Element).closest?.(selector);
  return part?.closest<HTMLElement>("[data-faults]") ?? null;
}

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const box = of(event.target, "[data-fault-text], [data-fault-column]");
    if (!box) return;
    event.stopPropagation(); // looking for errors changes no decision
    box.dataset.pages = "1";
    fit(box);
  }, true);
}
document.addEventListener("click", (event) => {
  const box = of(event.target, "[data-fault-more]");
  if (!box) return;
  box.dataset.pages = String(Number(box.dataset.pages ?? 1) + 1);
  fit(box);
});
document.addEventListener("htmx:load", (event) => {
  const root = event.target as HTMLElement;
  root.querySelectorAll<HTMLElement>("[data-faults]").forEach(fit);
  if (root.matches("[data-faults]")) fit(root);
});
