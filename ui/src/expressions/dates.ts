// Dates as days since 0001-01-01 and moments as microseconds since 1970, in UTC; years 1 to 9999, beyond is null.

const LAST_DAY = 3652058;
const EPOCH_DAY = 719162; // 1970-01-01
const DAY = 86_400_000_000n;
const HOUR = 3_600_000_000n;
const FIRST_MOMENT = BigInt(-EPOCH_DAY) * DAY;
const END_OF_MOMENTS = BigInt(LAST_DAY + 1 - EPOCH_DAY) * DAY;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const MOMENT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;

export interface Parts {
  year: number;
  month: number;
  day: number;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  return [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function daysBefore(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

export function fromParts(year: number, month: number, day: number): number | null {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12)) return null;
  if (!(day >= 1 && day <= daysInMonth(year, month))) return null;
  let days = daysBefore(year) + day - 1;
  for (let past = 1; past < month; past++) days += daysInMonth(year, past);
  return days;
}

export function partsOf(days: number): Parts {
  let year = Math.floor(days / 365.2425) + 1;
  while (daysBefore(year) > days) year--;
  while (daysBefore(year + 1) <= days) year++;
  let day = days - daysBefore(year) + 1;
  let month = 1;
  while (day > daysInMonth(year, month)) day -= daysInMonth(year, month++);
  return { year, month, day };
}

function inRange(days: number): number | null {
  return days >= 0 && days <= LAST_DAY ? days : null;
}

function momentInRange(moment: bigint): bigint | null {
  return moment >= FIRST_MOMENT && moment < END_OF_MOMENTS ? moment : null;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

export type Day = number | bigint;

// The date of a date or moment.
export function dayOf(value: Day): number {
  return typeof value === "number" ? value : Number(floorDivide(value, DAY)) + EPOCH_DAY;
}

export const midnight = (value: Day): bigint =>
  typeof value === "number" ? BigInt(value - EPOCH_DAY) * DAY : value;

export const hourOf = (moment: bigint): number => Number((moment - floorDivide(moment, DAY) * DAY) / HOUR);

export const weekday = (value: Day): number => (dayOf(value) % 7) + 1;

export function addDays(value: Day, days: number): Day | null {
  if (Math.abs(days) > LAST_DAY + 1) return null;
  return typeof value === "number" ? inRange(value + days) : momentInRange(value + BigInt(days) * DAY);
}

export function addHours(moment: bigint, hours: number): bigint | null {
  return Math.abs(hours) > 24 * (LAST_DAY + 1) ? null : momentInRange(moment + BigInt(hours) * HOUR);
}

export function addMonths(value: Day, months: number): Day | null {
  if (Math.abs(months) > 120_000) return null;
  const day = dayOf(value);
  const { year, month, day: number } = partsOf(day);
  const total = year * 12 + month - 1 + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  const moved = fromParts(newYear, newMonth, Math.min(number, daysInMonth(newYear, newMonth)));
  if (moved === null || typeof value === "number") return moved;
  return value + BigInt(moved - day) * DAY;
}

export const daysBetween = (a: Day, b: Day): number => dayOf(b) - dayOf(a);

export function monthsBetween(a: Day, b: Day): number {
  const from = partsOf(dayOf(a));
  const to = partsOf(dayOf(b));
  const months = (to.year - from.year) * 12 + to.month - from.month;
  if (months > 0 && to.day < from.day) return months - 1;
  return months < 0 && to.day > from.day ? months + 1 : months;
}

export const startOfMonth = (value: Day): number => dayOf(value) - partsOf(dayOf(value)).day + 1;

export function endOfMonth(value: Day): number {
  const { year, month } = partsOf(dayOf(value));
  return startOfMonth(value) + daysInMonth(year, month) - 1;
}

export function readDate(text: string): number | null {
  const match = DATE.exec(text);
  return match && fromParts(Number(match[1]), Number(match[2]), Number(match[3]));
}

// A moment from RFC 3339 text; a date alone is its midnight.
export function readMoment(text: string): bigint | null {
  const alone = readDate(text);
  if (alone !== null) return midnight(alone);
  const match = MOMENT.exec(text);
  const day = match && readDate(match[1] ?? "");
  if (!match || day === null) return null;
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const [zoneHours, zoneMinutes] = [Number(match[7] ?? 0), Number(match[8] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59 || zoneHours > 23 || zoneMinutes > 59) return null;
  const zone = (match[6] === "-" ? -1 : 1) * (zoneHours * 60 + zoneMinutes);
  const micros = BigInt((match[5] ?? "").padEnd(6, "0"));
  return momentInRange(midnight(day) + BigInt((hours * 60 + minutes - zone) * 60 + seconds) * 1_000_000n + micros);
}

const padded = (value: number, length: number): string => String(value).padStart(length, "0");

export function showDate(days: number): string {
  const { year, month, day } = partsOf(days);
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

// Whole seconds, as `text(...)` shows them, or with the microseconds where there are any.
export function showMoment(moment: bigint, exact = false): string {
  const inDay = moment - floorDivide(moment, DAY) * DAY;
  const seconds = Number(inDay / 1_000_000n);
  const micros = Number(inDay % 1_000_000n);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = exact && micros ? `.${padded(micros, 6)}` : "";
  return `${showDate(dayOf(moment))}T${time.map((part) => padded(part, 2)).join(":")}${fraction}Z`;
}
