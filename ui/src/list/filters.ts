// The filter builder: choosing a field brings its operators and its value control from the server (htmx); the
// panel stays open while it is used. The search box of a list finds while typing.
document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-filter-mode]");
  if (!tab) return;
  const panel = tab.closest("[data-filter-panel]")!;
  panel.querySelectorAll<HTMLElement>("[data-filter-part]").forEach((part) => {
    part.hidden = part.dataset.filterPart !== tab.dataset.filterMode;
  });
  panel.querySelectorAll<HTMLElement>("[data-filter-mode]").forEach((each) => {
    each.setAttribute("aria-pressed", String(each === tab));
  });
  panel.querySelector<HTMLElement>("[data-filter-part]:not([hidden]) :is(select, textarea)")?.focus();
});
