// Requests of the form: JSON with the session's token; what is to be done when the session has ended meanwhile.
import htmx from "htmx.org";
import { csrfToken } from "../http";

export interface Answer {
  status: number;
  // The body when it is JSON; an answer that is none (a page) is undefined.
  body: Record<string, unknown> | undefined;
}

const headers = () => ({ "HX-Request": "true", "X-CSRF-Token": csrfToken(), Accept: "application/json" });

export async function ask(address: string, body?: unknown): Promise<Answer> {
  const init: RequestInit = { headers: headers(), credentials: "same-origin", redirect: "manual" };
  if (body !== undefined) {
    init.method = "POST";
    init.body = JSON.stringify(body);
    init.headers = { ...headers(), "Content-Type": "application/json" };
  }
  const response = await fetch(address, init);
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  return { status: response.status, body: isJson ? ((await response.json()) as Record<string, unknown>) : undefined };
}

// Sends a file and tells how far it is.
export function sendFile(address: string, file: File, progress: (percent: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => progress(event.lengthComputable ? (event.loaded / event.total) * 100 : 0);
    request.onerror = () => reject(new Error("network"));
    request.onload = () => {
      const isJson = request.getResponseHeader("Content-Type")?.startsWith("application/json") ?? false;
      resolve({ status: request.status, body: isJson ? JSON.parse(request.responseText) : undefined });
    };
    const data = new FormData();
    data.append("file", file);
    request.send(data);
  });
}

// The dialog in which one signs in again; `fs:session` is heard when that is done.
export function askToSignIn(home: string): void {
  void htmx.ajax("get", home, { target: "#dialogs", swap: "none" });
}

// The token of the session that is current now (signed in anew in another tab), if it is the same person's.
export async function renewToken(userId: string): Promise<"renewed" | "same" | "other"> {
  const before = csrfToken();
  const page = new DOMParser().parseFromString(await (await fetch(location.href, { credentials: "same-origin" })).text(), "text/html");
  const token = page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  const told = page.querySelector<HTMLElement>("[data-form]")?.dataset.form;
  if (!token || !told || token === before) return "same";
  if (JSON.parse(told).user.id !== userId) return "other";
  document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')!.content = token;
  return "renewed";
}
