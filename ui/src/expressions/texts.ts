// Texts by code point: JavaScript's own length and order count UTF-16 units.
import { NUMBER_DIGITS, NUMBER_PLACES, readDecimal, toNumber } from "./decimal";
import type { Decimal } from "./types";

const MAX_TEXT = 1_000_000;
const WHITE_SPACE = "\t\n\v\f\r \u00a0\u3000";
const NUMBER = new RegExp(`^[+-]?[0-9]{1,${NUMBER_DIGITS}}(\\.[0-9]{1,${NUMBER_PLACES}})?$`);

export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x === y) continue;
    // A surrogate stands for a code point above every other unit.
    const high = isSurrogate(x);
    return high === isSurrogate(y) ? x - y : high ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.includes(text.charAt(start))) start++;
  while (end > start && WHITE_SPACE.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

export function substring(text: string, start: Decimal, length?: Decimal): string | null {
  const first = toNumber(start);
  const count = length === undefined ? Infinity : toNumber(length);
  return first < 0 || count < 0 ? null : Array.from(text).slice(first, first + count).join("");
}

export function replace(text: string, part: string, by: string): string | null {
  if (codePoints(text) * Math.max(codePoints(by), 1) > MAX_TEXT) return null;
  return part === "" ? text : text.split(part).join(by);
}

export function concat(parts: string[]): string | null {
  const total = parts.reduce((sum, part) => sum + codePoints(part), 0);
  return total > MAX_TEXT ? null : parts.join("");
}

export const toDecimal = (text: string): Decimal | null => (NUMBER.test(text) ? readDecimal(text) : null);
