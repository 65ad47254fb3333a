// Tabs of a form or a record page: arrows, Home and End move; the address remembers the tab (#tab=...).
function choose(tab: HTMLElement, focus = true): void {
  const list = tab.closest("[role=tablist]")!;
  const root = list.parentElement!;
  list.querySelectorAll<HTMLElement>("[role=tab]").forEach((each) => {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    const panel = root.querySelector<HTMLElement>(`[data-panel="${CSS.escape(each.dataset.tab!)}"]`);
    if (panel) panel.hidden = !chosen;
  });
  if (focus) tab.focus();
  history.replaceState(history.state, "", `#tab=${encodeURIComponent(tab.dataset.tab!)}`);
}

// Shows the tab that an element is on.
export function showTabOf(element: Element): void {
  const panel = element.closest<HTMLElement>("[data-panel]");
  const tab = panel && document.querySelector<HTMLElement>(`[data-tab="${CSS.escape(panel.dataset.panel!)}"]`);
  if (tab && panel.hidden) choose(tab, false);
}

document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[role=tab][data-tab]");
  if (tab) choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = (event.target as Element).closest?.<HTMLElement>("[role=tab][data-tab]");
  if (!tab) return;
  const all = [...tab.closest("[role=tablist]")!.querySelectorAll<HTMLElement>("[role=tab]:not([hidden])")];
  const at = all.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(all[(to + all.length) % all.length]!);
});

document.addEventListener("DOMContentLoaded", () => {
  const name = new URLSearchParams(location.hash.slice(1)).get("tab");
  const tab = name && document.querySelector<HTMLElement>(`[role=tab][data-tab="${CSS.escape(name)}"]:not([hidden])`);
  if (tab) choose(tab, false);
});
