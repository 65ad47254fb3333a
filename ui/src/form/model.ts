// Values without the page: their normal form (for "was it changed?"), and how they are shown as text.
import { canonical, shifted, shownNumber } from "./numbers";
import { minute } from "./moments";
import { secondsOf, wordsOf } from "./spans";
import type { Described, FieldInfo, Fields, Values } from "./types";

const DECIMALS = new Set(["decimal", "money", "percent"]);
const LINKS = new Set(["link", "parent", "user", "team", "file", "image", "signature"]);

export const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

// One form for equal values, whether they come from the server or from a control.
export function normal(field: FieldInfo | undefined, value: unknown): unknown {
  const type = field?.type ?? "text";
  if (type === "tags" || type === "multi_select") return Array.isArray(value) ? value : [];
  if (type === "files") return Array.isArray(value) ? value.map((each) => (isRecord(each) ? each["id"] : each)) : [];
  if (type === "multi_link") return Array.isArray(value) ? value.map((row) => normalRow(field?.fields ?? {}, row as Values)) : [];
  if (type === "lines") return Array.isArray(value) ? value.map((line) => normalLine(field?.fields ?? {}, line as Values)) : [];
  if (value === null || value === undefined || value === "") return null;
  if (type === "date_range" && isRecord(value)) return value["start"] || value["end"] ? { start: value["start"] ?? null, end: value["end"] ?? null } : null;
  if (type === "geo_point" && isRecord(value)) return Object.fromEntries(["lat", "lon"].filter((name) => name in value).map((name) => [name, value[name]]));
  if (type === "time") return String(value).replace(/^(\d\d:\d\d):00(?:\.0+)?$/, "$1");
  if (DECIMALS.has(type)) return canonical(String(value));
  if (LINKS.has(type)) return isRecord(value) ? value["id"] ?? null : value;
  if (type === "datetime") return Number.isNaN(Date.parse(String(value))) ? value : minute(String(value));
  if (type === "address" || type === "person_name") return normalParts(value);
  return typeof value === "string" ? value.replace(/\r\n/g, "\n") : value;
}

function normalParts(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, part]) => part !== null && part !== "").sort(([a], [b]) => (a < b ? -1 : 1));
  return kept.length ? Object.fromEntries(kept) : null;
}

// What is sent of a line: its id, and the values that may be written.
function normalLine(fields: Fields, line: Values): Values {
  const kept: Values = line["id"] ? { id: line["id"] } : {};
  for (const [name, field] of Object.entries(fields)) {
    if (!field.edited) continue;
    kept[name] = normal(field, line[name]);
    if (field.type === "money") kept[`${name}_currency`] = currencyOf(field, line, name);
  }
  return kept;
}

// A row of several links as it is sent: the linked record's id, and what is said of the link.
function normalRow(fields: Fields, row: Values): Values {
  const { id, ...rest } = row;
  const { link, ...said } = normalLine(fields, { ...rest, link: rest["link"] ?? id });
  return { id: link, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)) };
}

// The row of a grid for a link that came from the server, or was kept in a draft.
export const asRow = (line: Values): Values => (line["id"] === undefined ? line : { ...line, link: line["id"], id: undefined });

// The currency of an amount; where there is none, that of the field, so that an empty amount changes nothing.
export function currencyOf(field: FieldInfo, values: Values, name: string): unknown {
  return isEmpty(values[name]) ? field.currency : values[`${name}_currency`] ?? field.currency;
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

// A value as text for people: in the choice between two versions, in computed fields, when it is offered to copy.
export function shown(form: Described, field: FieldInfo | undefined, value: unknown, currency?: unknown): string {
  if (isEmpty(value)) return "";
  const type = field?.shown ?? field?.type ?? "text";
  const { locale, texts } = form;
  if (field?.options && typeof value === "string") return field.options[value] ?? value;
  if (Array.isArray(value) && type === "multi_link") return shownLines(form, field, value.map((row) => asRow(row as Values)));
  if (Array.isArray(value) && type === "files") {
    return value.map((each) => (isRecord(each) ? String(each["name"]) : form.linked[String(each)]?.$title ?? "")).join(", ");
  }
  if (Array.isArray(value) && type === "lines") return shownLines(form, field, value as Values[]);
  if (Array.isArray(value)) return value.map((each) => field?.options?.[each as string] ?? String(each)).join(", ");
  switch (type) {
    case "boolean":
      return texts[value === true ? "value.yes" : "value.no"] ?? "";
    case "integer":
    case "number":
    case "decimal":
      return shownNumber(String(value), locale);
    case "money":
      return `${shownNumber(String(value), locale, form.digits[String(currency ?? field?.currency)] ?? 2)} ${currency ?? field?.currency ?? ""}`.trim();
    case "percent":
      return `${shownNumber(shifted(String(value), 2), locale)}%`;
    case "date":
      return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${value}T00:00:00Z`));
    case "datetime":
      return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: form.zone }).format(new Date(String(value)));
    case "link":
    case "parent":
    case "user":
    case "team": {
      const id = isRecord(value) ? String(value["id"]) : String(value);
      return form.linked[id]?.$title ?? texts["form.unseen"] ?? "";
    }
    case "secret":
      return "••••••";
    case "duration":
      return typeof value === "number" ? wordsOf(value) : wordsOf(secondsOf(String(value)));
    case "date_range":
      return isRecord(value) ? ["start", "end"].map((name) => (value[name] ? shown(form, { type: "date", title: "", edited: false }, value[name]) : "…")).join(" – ") : "";
    case "rich_text":
      return new DOMParser().parseFromString(String(value), "text/html").body.textContent?.trim() ?? "";
    case "any_link":
      return isRecord(value) ? form.linked[String(value["id"])]?.$title ?? texts["form.unseen"] ?? "" : "";
    case "image":
    case "signature":
      if (!isRecord(value)) return form.linked[String(value)]?.$title ?? "";
      return String(value["name"] ?? "");
    case "file":
      return isRecord(value) ? String(value["name"] ?? "") : "";
    default:
      return isRecord(value) ? Object.values(value).join(", ") : String(value);
  }
}

function shownLines(form: Described, field: FieldInfo | undefined, lines: Values[]): string {
  const one = (line: Values) =>
    Object.entries(field?.fields ?? {})
      .filter(([name, inner]) => inner.edited && !isEmpty(line[name]))
      .map(([name, inner]) => shown(form, inner, line[name], line[`${name}_currency`]))
      .join(" · ");
  return lines.map((line, at) => `${at + 1}. ${one(line)}`).join("\n");
}
