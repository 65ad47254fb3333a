// Sending a move by htmx, and telling whether it was taken.
import htmx from "htmx.org";

export type Values = Record<string, string>;

/** Post to an address; the answer goes to `target`. Resolves to whether the server took it. */
export function send(url: string, target: HTMLElement, values: Values): Promise<boolean> {
  return new Promise((resolve) => {
    const heard = (event: Event) => {
      const { successful, elt } = (event as CustomEvent).detail;
      if (elt !== target) return;
      document.removeEventListener("htmx:afterRequest", heard);
      resolve(Boolean(successful));
    };
    document.addEventListener("htmx:afterRequest", heard);
    void htmx.ajax("post", url, { source: target, target, swap: "outerHTML", values });
  });
}

/** Open a dialog whose heading has a template with {title}. */
export function openFor(dialog: HTMLDialogElement, title: string): void {
  const heading = dialog.querySelector<HTMLElement>("h2[data-title]")!;
  heading.textContent = (heading.dataset.title ?? "").replace("{title}", title);
  dialog.showModal();
}
