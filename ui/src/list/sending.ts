// Requests of scripts that have no htmx of their own: an event with an address, a target and values.
import htmx from "htmx.org";

document.addEventListener("fs:send", (event) => {
  const { url, target, values } = (event as CustomEvent).detail;
  void htmx.ajax("post", url, { source: target, target, swap: "outerHTML", values });
});
