// Exact decimal numbers on BigInt: |x| < 10^28, at most 20 fractional digits; beyond is null.
import type { Decimal } from "./types";

export const NUMBER_DIGITS = 28;
export const NUMBER_PLACES = 20;
const DIVISION_PLACES = 10;
const PLAIN = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?$/;

export function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

const LIMIT = power(NUMBER_DIGITS);

export const decimal = (unscaled: bigint, places = 0): Decimal => ({ unscaled, places });

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

// numerator / denominator to an integer, half away from zero.
function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const divisor = magnitude(denominator);
  const quotient = (2n * magnitude(numerator) + divisor) / (2n * divisor);
  return numerator < 0n !== denominator < 0n ? -quotient : quotient;
}

export function inRange(value: Decimal): Decimal | null {
  return magnitude(value.unscaled) < LIMIT * power(value.places) ? value : null;
}

// Rounded to the fractional digits that are kept, and null out of range.
function kept(value: Decimal): Decimal | null {
  return inRange(value.places > NUMBER_PLACES ? rounded(value, NUMBER_PLACES) : value);
}

function rounded(value: Decimal, places: number): Decimal {
  if (places >= value.places) return value;
  const quotient = divideHalfUp(value.unscaled, power(value.places - places));
  return places >= 0 ? decimal(quotient, places) : decimal(quotient * power(-places));
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const places = Math.max(a.places, b.places);
  return [a.unscaled * power(places - a.places), b.unscaled * power(places - b.places), places];
}

export function compareDecimals(a: Decimal, b: Decimal): number {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

// Without the check of the range: for sums over lines, which are checked at the end.
export function addUnchecked(a: Decimal, b: Decimal): Decimal {
  const [x, y, places] = aligned(a, b);
  return decimal(x + y, places);
}

export const add = (a: Decimal, b: Decimal): Decimal | null => inRange(addUnchecked(a, b));

export const negate = (a: Decimal): Decimal => decimal(-a.unscaled, a.places);

export const subtract = (a: Decimal, b: Decimal): Decimal | null => add(a, negate(b));

export const multiply = (a: Decimal, b: Decimal): Decimal | null =>
  kept(decimal(a.unscaled * b.unscaled, a.places + b.places));

export function divide(a: Decimal, b: Decimal): Decimal | null {
  if (b.unscaled === 0n) return null;
  const numerator = a.unscaled * power(b.places + DIVISION_PLACES);
  return inRange(decimal(divideHalfUp(numerator, b.unscaled * power(a.places)), DIVISION_PLACES));
}

export const absolute = (a: Decimal): Decimal => decimal(magnitude(a.unscaled), a.places);

export function round(a: Decimal, places: Decimal = decimal(0n)): Decimal | null {
  const digits = toNumber(places);
  if (digits < -NUMBER_DIGITS || digits > NUMBER_PLACES) return null;
  return inRange(rounded(a, digits));
}

export function floor(a: Decimal): Decimal | null {
  const divisor = power(a.places);
  const quotient = a.unscaled / divisor;
  return inRange(decimal(a.unscaled < 0n && quotient * divisor !== a.unscaled ? quotient - 1n : quotient));
}

export function ceil(a: Decimal): Decimal | null {
  const below = floor(negate(a));
  return below && negate(below);
}

// A whole number as a JavaScript number; far beyond every limit that it is compared with it may be rounded.
export function toNumber(value: Decimal): number {
  return Number(value.unscaled / power(value.places));
}

// The canonical text: no exponent, no zeros at the end, no minus before zero.
export function showDecimal(value: Decimal): string {
  const sign = value.unscaled < 0n ? "-" : "";
  const digits = magnitude(value.unscaled).toString().padStart(value.places + 1, "0");
  const split = digits.length - value.places;
  const fraction = digits.slice(split).replace(/0+$/, "");
  return sign + digits.slice(0, split) + (fraction && `.${fraction}`);
}

// A number from its text as it travels; null when it shows none.
export function readDecimal(text: string): Decimal | null {
  const match = PLAIN.exec(text);
  if (!match) return null;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent) - fraction.length;
  if (Math.abs(shift) > 400) return null;
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  return kept(shift >= 0 ? decimal(digits * power(shift)) : decimal(digits, -shift));
}

// The decimal of a double's shortest text, as PostgreSQL writes it: from 2^54 on it refuses a text exactly
// half way between two doubles (1e23), which JavaScript accepts.
export function readDouble(value: number): Decimal | null {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e28) return null;
  if (Math.abs(value) < 2 ** 54) return readDecimal(String(value));
  const exact = BigInt(value);
  for (let digits = 0; digits < 17; digits++) {
    const shown = readDecimal(value.toExponential(digits));
    if (shown && Number(shown.unscaled) === value && !halfWay(shown.unscaled, exact, value)) return shown;
  }
  return inRange(decimal(exact));
}

function halfWay(shown: bigint, exact: bigint, value: number): boolean {
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value;
  const outwards = magnitude(shown) > magnitude(exact);
  bits[0] = (bits[0] ?? 0n) + (outwards ? 1n : -1n);
  const gap = magnitude(BigInt(double[0]) - exact);
  return 2n * magnitude(shown - exact) === gap;
}
