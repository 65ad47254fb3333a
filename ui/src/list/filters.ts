// The filter builder: groups and conditions are added and dropped here; rows come from the server (htmx), which also turns
// the tree into the text of the filter.
import htmx from "htmx.org";

interface Tree { sign: string; items: (Tree | Record<string, string>)[] }

function read(group: Element): Tree {
  const sign = group.querySelector<HTMLSelectElement>("[data-sign]")!.value;
  const items = [...group.querySelector("[data-items]")!.children].map((item) => {
    if (item.matches("[data-group]")) return read(item);
    const value = (name: string) => item.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
    const values = [...item.querySelectorAll<HTMLInputElement>("[name=cond_value]")].map((each) => each.value);
    return { field: value("cond_field"), op: value("cond_op"), value: values.join("..") };
  });
  return { sign, items };
}

function add(items: HTMLElement, url: string): void {
  void htmx.ajax("get", url, { target: items, swap: "beforeend" });
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const group = target.closest<HTMLElement>("[data-group]");
  const items = group?.querySelector<HTMLElement>(":scope > [data-items]");
  const more = target.closest<HTMLElement>("[data-add-condition]");
  if (more && items) add(items, more.dataset.addCondition!);
  else if (target.closest("[data-add-group]") && items) {
    const template = target.closest("form")?.querySelector<HTMLTemplateElement>("[data-group-template]");
    if (!template) return;
    items.append(template.content.cloneNode(true));
    const made = items.lastElementChild!;
    htmx.process(made);
    add(made.querySelector<HTMLElement>("[data-items]")!, made.querySelector<HTMLElement>("[data-add-condition]")!.dataset.addCondition!);
  } else if (target.closest("[data-drop-condition]")) target.closest("[data-cond]")?.remove();
  else if (target.closest("[data-drop-group]")) group?.remove();
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches("[data-builder]")) return;
  event.preventDefault();
  const url = form.dataset.builder!;
  const tree = JSON.stringify(read(form.querySelector("[data-group]")!));
  location.assign(`${url}${url.includes("?") ? "&" : "?"}build=${encodeURIComponent(tree)}`);
});

// An empty builder begins with a row.
document.addEventListener("htmx:load", (event) => {
  const dialog = (event.target as Element).closest?.(".fs-filter-dialog");
  const items = dialog?.querySelector<HTMLElement>("[data-group] > [data-items]");
  if (!dialog || !items || (event.target as Element).matches("[data-cond]")) return;
  const more = dialog.querySelector<HTMLElement>("[data-add-condition]");
  if (items.childElementCount === 0 && more && !dialog.hasAttribute("data-begun")) add(items, more.dataset.addCondition!);
  dialog.setAttribute("data-begun", "");
});

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
