// Requests by htmx: the CSRF header, and what becomes of an answer that is an error.
//
// The server says with HX-Reswap how an error answer is to be shown (usually "none" with a toast beside it). An
// error that does not say so did not come from Fieldstone (a proxy, a lost network) and is never put in the page.
import htmx from "htmx.org";
import { showToast } from "./toasts";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.attributesToSettle = ["class"];
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;
htmx.config.scrollBehavior = "auto";
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true },
];

const csrfMeta = () => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');

/** The token that every changing request of this session carries. */
export function csrfToken(): string {
  return csrfMeta()?.content ?? "";
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent).detail;
  detail.headers["X-CSRF-Token"] = csrfToken();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as CustomEvent;
  if (detail.xhr.status < 400) return;
  detail.isError = false; // it is shown on the page, so the console need not repeat it
  if (!detail.xhr.getResponseHeader("HX-Reswap")) {
    detail.shouldSwap = false;
    showToast(document.body.dataset.lost ?? "", "error");
  }
});
document.addEventListener("htmx:sendError", () => showToast(document.body.dataset.lost ?? "", "error"));

// After signing in again inside a dialog, the page goes on with the new session's token.
document.addEventListener("fs:session", (event) => {
  const token: string = (event as CustomEvent).detail.value;
  const meta = csrfMeta();
  if (meta) meta.content = token;
  document.querySelectorAll<HTMLInputElement>('input[name="csrf_token"]').forEach((input) => (input.value = token));
});

let busy = 0;
const count = (by: number) => () => {
  busy = Math.max(0, busy + by);
  document.documentElement.classList.toggle("fs-busy", busy > 0);
};
document.addEventListener("htmx:beforeRequest", count(1));
document.addEventListener("htmx:afterRequest", count(-1));
