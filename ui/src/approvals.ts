// A task's page: the drawn signature is sent as a file before the decision; a trail is printed.
import { Ink } from "./form/ink";
import { sendFile } from "./form/requests";

function begin(element: HTMLElement): void {
  const file = element.querySelector<HTMLInputElement>("[data-sign-file]")!;
  const ink = new Ink(element.querySelector<HTMLCanvasElement>("[data-sign-pad]")!, () => true, () => void send());
  element.querySelector("[data-sign-clear]")!.addEventListener("click", () => {
    ink.wipe();
    file.value = "";
  });

  async function send(): Promise<void> {
    const picture = await ink.picture();
    if (!picture) return;
    const { status, body } = await sendFile(element.dataset.sign!, picture, () => undefined);
    if (status < 300) file.value = String(body?.["id"] ?? "");
  }
}

document.querySelectorAll<HTMLElement>("[data-sign]").forEach(begin);
document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-print]")) window.print();
});
