// Values as they travel, made values of the evaluator, and back. What does not fit its type is null.
import { decimal, readDecimal, readDouble, showDecimal } from "./decimal";
import { readDate, readMoment, showDate, showMoment } from "./dates";
import type { Decimal, Kind, Result, Value, Values } from "./types";

export const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function read(value: unknown, kind: Kind): Value {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "integer":
      return readInteger(value);
    case "decimal":
      return typeof value === "number" ? readDouble(value) : typeof value === "string" ? readDecimal(value) : null;
    case "text":
    case "select":
      return typeof value === "string" ? value : null;
    case "date":
      return typeof value === "string" ? readDate(value) : null;
    case "datetime":
      return typeof value === "string" ? readMoment(value) : null;
    case "link": {
      const id = isRecord(value) ? value["id"] : value;
      return typeof id === "string" ? id : null;
    }
    case "tags":
      return Array.isArray(value) ? value.filter((item) => typeof item === "string") : null;
    case "lines":
      return Array.isArray(value) ? value.filter(isRecord) : null;
    default:
      return value;
  }
}

function readInteger(value: unknown): Decimal | null {
  if (typeof value === "number") return Number.isInteger(value) ? decimal(BigInt(value)) : null;
  const found = typeof value === "string" ? (value.startsWith("P") ? readDuration(value) : readDecimal(value)) : null;
  if (!found || found.places === 0) return found;
  const whole = readDecimal(showDecimal(found));
  return whole && whole.places === 0 ? whole : null;
}

const SECONDS: Record<string, bigint> = { W: 604800n, D: 86400n, H: 3600n, M: 60n, S: 1n };

// A duration enters as its number of seconds.
function readDuration(text: string): Decimal {
  let seconds = 0n;
  for (const [, count, unit] of text.matchAll(/(\d{1,12})([WDHMS])/g)) seconds += BigInt(count!) * SECONDS[unit!]!;
  return decimal(seconds);
}

// A result as it travels: whole numbers as numbers while these are exact, decimals as texts.
export function write(value: Value, kind: Kind): Result {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return showDate(value);
  if (typeof value === "bigint") return showMoment(value, true);
  if (Array.isArray(value)) return value as string[];
  const text = showDecimal(value as Decimal);
  return kind === "integer" && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}
