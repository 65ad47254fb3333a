// Sending a move by the page's htmx (in the main script: there must be only one), and telling whether it was taken.

export type Values = Record<string, string>;

/** Post to an address; the answer goes to `target`. Resolves to whether the server took it. */
export function send(url: string, target: HTMLElement, values: Values): Promise<boolean> {
  return new Promise((resolve) => {
    const heard = (event: Event) => {
      const { xhr, elt } = (event as CustomEvent).detail;
      if (elt !== target) return;
      document.removeEventListener("htmx:afterRequest", heard);
      resolve(xhr.status >= 200 && xhr.status < 400); // `successful` is also true of refusals that are shown
    };
    document.addEventListener("htmx:afterRequest", heard);
    document.dispatchEvent(new CustomEvent("fs:send", { detail: { url, target, values } }));
  });
}

/** Open a dialog whose heading has a template with {title}. */
export function openFor(dialog: HTMLDialogElement, title: string): void {
  const heading = dialog.querySelector<HTMLElement>("h2[data-title]")!;
  heading.textContent = (heading.dataset.title ?? "").replace("{title}", title);
  dialog.showModal();
}
