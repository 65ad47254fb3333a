// Lengths of time, ranges of days, places on the map.
import { plainNumber, toEdit } from "./numbers";
import type { Place, Widget } from "./widgets";

const UNITS: [RegExp, string, number][] = [
  [/^(?:weeks?|wk|w|週間?|周|星期)$/, "W", 604800], [/^(?:days?|d|日間?|天)$/, "D", 86400],
  [/^(?:hours?|hrs?|h|小時|小时|時間?|时)$/, "H", 3600], [/^(?:minutes?|mins?|m|分[鐘钟間]?)$/, "M", 60],
  [/^(?:seconds?|secs?|s|秒[鐘钟間]?)$/, "S", 1],
];

// `1h 30m`, `1:30`, `90 min`, `2小時` as seconds; null for what is no duration. The server reads the same words.
export function secondsIn(typed: string): number | null {
  const short = typed.normalize("NFKC").trim().toLowerCase();
  const clock = /^(\d{1,6}):([0-5]\d)(?::([0-5]\d))?$/.exec(short);
  if (clock) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0);
  let total = 0;
  const rest = short.replace(/(\d{1,9}(?:\.\d{1,4})?)\s*([^\d\s,、.:]+)[\s,、]*(?:and\s+)?/g, (whole, count: string, word: string) => {
    const unit = UNITS.find(([form]) => form.test(word));
    if (!unit) return whole;
    total += Math.round(Number(count) * unit[2] * 1e4) / 1e4;
    return "";
  });
  return rest === "" && short && Number.isInteger(total) ? total : null;
}

export function isoOf(seconds: number): string {
  const days = Math.floor(seconds / 86400);
  const clock = parts(seconds % 86400).map(([count, unit]) => (count ? `${count}${unit}` : "")).join("");
  return days || clock ? `P${days ? `${days}D` : ""}${clock ? `T${clock}` : ""}` : "PT0S";
}

const parts = (seconds: number): [number, string][] => [
  [Math.floor(seconds / 3600), "H"], [Math.floor(seconds / 60) % 60, "M"], [seconds % 60, "S"],
];

export function secondsOf(iso: string): number {
  const sizes: Record<string, number> = { W: 604800, D: 86400, H: 3600, M: 60, S: 1 };
  return [...iso.matchAll(/(\d+)([WDHMS])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * sizes[unit!]!, 0);
}

export function wordsOf(seconds: number): string {
  const all: [number, string][] = [[Math.floor(seconds / 86400), "D"], ...parts(seconds % 86400)];
  return all.filter(([count]) => count).map(([count, unit]) => `${count}${unit.toLowerCase()}`).join(" ") || "0m";
}

const input = (place: Place) => place.element.querySelector<HTMLInputElement>("[data-input]")!;

const toWords = (value: unknown): string =>
  typeof value === "string" && /^P[\dT]/.test(value) ? wordsOf(secondsOf(value)) : value === null || value === undefined ? "" : String(value);

export const duration: Widget = {
  read: (place) => {
    const typed = input(place).value.trim();
    const seconds = secondsIn(typed);
    return seconds === null ? typed || null : isoOf(seconds);
  },
  write: (place, value) => (input(place).value = toWords(value)),
};

// When one leaves the control: `1:30` becomes `1h 30m`.
export function tidyDuration(place: Place): void {
  const seconds = secondsIn(input(place).value);
  if (seconds !== null) input(place).value = wordsOf(seconds);
}

const spans = (place: Place) => [...place.element.querySelectorAll<HTMLInputElement>("[data-span]")];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

export const dateRange: Widget = {
  read: (place) => {
    const [start, end] = spans(place).map((each) => each.value || null);
    return start || end ? { start: start ?? null, end: end ?? null } : null;
  },
  write: (place, value) => {
    spans(place).forEach((each) => (each.value = isObject(value) ? String(value[each.dataset.span!] ?? "") : ""));
  },
};

export const geoPoint: Widget = {
  read: (place) => {
    const found: Record<string, unknown> = {};
    for (const each of spans(place)) {
      const typed = each.value.trim();
      const number = plainNumber(typed, place.form.symbols);
      if (typed) found[each.dataset.span!] = number === null ? typed : Number(number);
    }
    return Object.keys(found).length ? found : null;
  },
  write: (place, value) => {
    for (const each of spans(place)) {
      const part = isObject(value) ? value[each.dataset.span!] : null;
      each.value = part === null || part === undefined ? "" : toEdit(String(part), place.form.symbols[0]);
    }
    const here = place.element.querySelector<HTMLButtonElement>("[data-here]");
    if (here && !here.dataset.ready) {
      here.dataset.ready = "1";
      here.hidden = !("geolocation" in navigator);
      here.addEventListener("click", () => locate(place, here));
    }
  },
};

function locate(place: Place, button: HTMLButtonElement): void {
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute("aria-busy");
      geoPoint.write(place, { lat: Number(coords.latitude.toFixed(6)), lon: Number(coords.longitude.toFixed(6)) }, {});
      place.changed();
    },
    () => {
      button.removeAttribute("aria-busy");
      const error = place.element.querySelector<HTMLElement>(".fs-error");
      if (error) {
        error.textContent = place.form.texts["form.here_failed"] ?? "";
        error.hidden = false;
      }
    },
    { enableHighAccuracy: true, timeout: 10_000 },
  );
}
