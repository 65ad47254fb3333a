// Formatted text, edited as it will look. The server keeps only harmless tags, whatever is sent from here.
import type { Place, Widget } from "./widgets";

const ready = new WeakSet<HTMLElement>();

const COMMANDS: Record<string, [string, string?]> = {
  bold: ["bold"], italic: ["italic"], underline: ["underline"], heading: ["formatBlock", "<h3>"],
  list: ["insertUnorderedList"], numbers: ["insertOrderedList"], quote: ["formatBlock", "<blockquote>"],
};

const area = (place: Place) => place.element.querySelector<HTMLElement>("[data-input]")!;

export const richText: Widget = {
  read: (place) => {
    const element = area(place);
    if (element instanceof HTMLTextAreaElement) return element.value || null;
    if (!element.textContent?.trim() && !element.querySelector("hr, table")) return null;
    // What was not touched is sent as it came: browsers write the same thing in other ways.
    return element.hasAttribute("data-touched") ? element.innerHTML : element.dataset.given ?? null;
  },
  write: (place, value) => {
    const element = area(place);
    const html = typeof value === "string" ? value : "";
    if (element instanceof HTMLTextAreaElement) {
      element.value = html;
      return;
    }
    element.replaceChildren(...safe(html));
    element.dataset.given = html;
    element.removeAttribute("data-touched");
    begin(place, element);
  },
};

// The HTML as nodes without scripts and handlers: a draft out of the browser's store is not trusted more than a stranger.
function safe(html: string): Node[] {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  parsed.querySelectorAll("script, style, iframe, object, embed, link, meta, img, svg, math, form").forEach((each) => each.remove());
  parsed.body.querySelectorAll("*").forEach((each) => {
    for (const { name, value } of [...each.attributes]) {
      const fine = name === "href" ? /^(?:https?:|mailto:|tel:)/i.test(value.trim()) : ["colspan", "rowspan", "start", "rel"].includes(name);
      if (!fine) each.removeAttribute(name);
    }
  });
  return [...parsed.body.childNodes];
}

function begin(place: Place, element: HTMLElement): void {
  if (ready.has(element)) return;
  ready.add(element);
  const toolbar = place.element.querySelector<HTMLElement>("[role=toolbar]")!;
  const tools = [...toolbar.querySelectorAll<HTMLButtonElement>("[data-tool]")];
  const touched = () => element.setAttribute("data-touched", "");
  element.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
  element.addEventListener("input", touched);
  element.addEventListener("paste", (event) => {
    event.preventDefault();
    const html = event.clipboardData?.getData("text/html");
    const holder = document.createElement("div");
    if (html) holder.append(...safe(html));
    if (html) document.execCommand("insertHTML", false, holder.innerHTML);
    else document.execCommand("insertText", false, event.clipboardData?.getData("text/plain") ?? "");
  });
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  toolbar.addEventListener("click", (event) => {
    const tool = (event.target as Element).closest<HTMLElement>("[data-tool]")?.dataset.tool;
    if (!tool) return;
    if (!element.contains(document.getSelection()?.anchorNode ?? null)) element.focus();
    run(tool, place);
    touched();
    place.changed();
  });
  // One stop for the Tab key, arrows inside.
  toolbar.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const at = tools.indexOf(document.activeElement as HTMLButtonElement);
    const next = tools[(at + step + tools.length) % tools.length]!;
    tools.forEach((each) => (each.tabIndex = each === next ? 0 : -1));
    next.focus();
  });
}

function run(tool: string, place: Place): void {
  const command = COMMANDS[tool];
  if (command) {
    const block = String(document.queryCommandValue("formatBlock")).toLowerCase();
    const again = command[1] && `<${block}>` === command[1];
    document.execCommand(command[0], false, again ? "<p>" : command[1]);
  } else if (tool === "plain") {
    document.execCommand("removeFormat");
    document.execCommand("unlink");
    document.execCommand("formatBlock", false, "<p>");
  } else if (tool === "link") {
    const label = place.element.querySelector<HTMLElement>("[data-rich]")!.dataset.link!;
    const address = window.prompt(label, "https://");
    if (address && /^(?:https?:|mailto:|tel:)/i.test(address)) document.execCommand("createLink", false, address);
  }
}
