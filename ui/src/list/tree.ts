// Opening a row of a tree: the rows below it come once, and are hidden and shown afterwards.
import htmx from "htmx.org";

const depthOf = (row: Element) => Number((row as HTMLElement).dataset.depth ?? 0);

/** The rows below a row, however deep. */
function below(row: Element): HTMLElement[] {
  const found: HTMLElement[] = [];
  let next = row.nextElementSibling;
  while (next && depthOf(next) > depthOf(row)) {
    found.push(next as HTMLElement);
    next = next.nextElementSibling;
  }
  return found;
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-tree]");
  if (!button) return;
  event.stopImmediatePropagation();
  const row = button.closest("tr")!;
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  const rows = below(row);
  if (open && rows.length === 0) {
    void htmx.ajax("get", button.dataset.tree!, { target: row, swap: "afterend" });
  } else if (open) {
    let closed = Infinity;
    for (const each of rows) {
      const depth = depthOf(each);
      if (depth > closed) continue;
      closed = Infinity;
      each.hidden = false;
      if (each.querySelector('[data-tree][aria-expanded="false"]')) closed = depth;
    }
  } else rows.forEach((each) => (each.hidden = true));
}, true);
