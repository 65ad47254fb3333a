// The functions and strict operators: they get arguments that are there, and null comes out where one is missing.
import { currencyDigits } from "./currencies";
import * as dates from "./dates";
import type { Day } from "./dates";
import * as decimals from "./decimal";
import { decimal, toNumber } from "./decimal";
import * as texts from "./texts";
import type { Decimal, Value } from "./types";

export function compare(a: Value, b: Value): number {
  if (typeof a === "string" && typeof b === "string") return texts.compareTexts(a, b);
  if (isDecimal(a) && isDecimal(b)) return decimals.compareDecimals(a, b);
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

export function equal(a: Value, b: Value): boolean {
  return a === null || b === null ? a === b : compare(a, b) === 0;
}

export const isDecimal = (value: Value): value is Decimal =>
  typeof value === "object" && value !== null && "unscaled" in value;

const whole = (value: number): Decimal => decimal(BigInt(value));

// The checker has made sure of the arguments' types, which differ from function to function.
type Strict = (...args: any[]) => Value;

export const STRICT: Record<string, Strict> = {
  not: (a: boolean) => !a,
  lt: (a: Value, b: Value) => compare(a, b) < 0,
  le: (a: Value, b: Value) => compare(a, b) <= 0,
  gt: (a: Value, b: Value) => compare(a, b) > 0,
  ge: (a: Value, b: Value) => compare(a, b) >= 0,
  add: (a: Decimal, b: Decimal) => decimals.add(a, b),
  sub: (a: Decimal, b: Decimal) => decimals.subtract(a, b),
  mul: (a: Decimal, b: Decimal) => decimals.multiply(a, b),
  div: (a: Decimal, b: Decimal) => decimals.divide(a, b),
  neg: (a: Decimal) => decimals.negate(a),
  abs: (a: Decimal) => decimals.absolute(a),
  round: (a: Decimal, places?: Decimal) => decimals.round(a, places),
  floor: (a: Decimal) => decimals.floor(a),
  ceil: (a: Decimal) => decimals.ceil(a),

  contains: (text: string, part: string) => text.includes(part),
  startsWith: (text: string, part: string) => text.startsWith(part),
  endsWith: (text: string, part: string) => text.endsWith(part),
  lower: (text: string) => text.toLowerCase(),
  upper: (text: string) => text.toUpperCase(),
  trim: (text: string) => texts.trim(text),
  length: (text: string) => whole(texts.codePoints(text)),
  substring: (text: string, start: Decimal, length?: Decimal) => texts.substring(text, start, length),
  replace: (text: string, part: string, by: string) => texts.replace(text, part, by),
  number: (text: string) => texts.toDecimal(text),
  text: (value: Value) => showText(value),
  currencyDigits: (code: string) => whole(currencyDigits(code)),

  date: (first: Value, month?: Decimal, day?: Decimal) => {
    if (month && day) return dates.fromParts(toNumber(first as Decimal), toNumber(month), toNumber(day));
    return typeof first === "string" ? dates.readDate(first) : dates.dayOf(first as Day);
  },
  datetime: (value: Day) => dates.midnight(value),
  year: (value: Day) => whole(dates.partsOf(dates.dayOf(value)).year),
  month: (value: Day) => whole(dates.partsOf(dates.dayOf(value)).month),
  day: (value: Day) => whole(dates.partsOf(dates.dayOf(value)).day),
  weekday: (value: Day) => whole(dates.weekday(value)),
  hour: (value: bigint) => whole(dates.hourOf(value)),
  addDays: (value: Day, days: Decimal) => dates.addDays(value, toNumber(days)),
  addMonths: (value: Day, months: Decimal) => dates.addMonths(value, toNumber(months)),
  addHours: (value: bigint, hours: Decimal) => dates.addHours(value, toNumber(hours)),
  daysBetween: (a: Day, b: Day) => whole(dates.daysBetween(a, b)),
  monthsBetween: (a: Day, b: Day) => whole(dates.monthsBetween(a, b)),
  startOfMonth: (value: Day) => dates.startOfMonth(value),
  endOfMonth: (value: Day) => dates.endOfMonth(value),
};

function showText(value: Value): string {
  if (isDecimal(value)) return decimals.showDecimal(value);
  if (typeof value === "number") return dates.showDate(value);
  return typeof value === "bigint" ? dates.showMoment(value) : String(value);
}
