// Numbers as people of a language write them, exactly: digits are moved as text, never through a double.
import { decimal, readDecimal, round, showDecimal } from "../expressions/decimal";

// What was typed as a plain number, or null when it is none. `point` and `group` are the language's.
export function plainNumber(typed: string, [point, group]: [string, string]): string | null {
  let text = typed.normalize("NFKC").replace(/[\s\u00a0\u202f'’]/g, "").replace(/%$/, "");
  if (group) text = text.split(group).join("");
  text = text.replace(point, ".").replace(/^−/, "-");
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? canonical(text.replace(/^([+-]?)\./, "$10.").replace(/\.$/, "")) : null;
}

// Without zeros at the end, without a plus or needless zeros before.
export function canonical(text: string): string {
  const found = readDecimal(text);
  return found ? showDecimal(found) : text;
}

export function toEdit(value: string, point: string): string {
  return value.replace(".", point);
}

// Times ten to the power of `by`, on the digits.
export function shifted(value: string, by: number): string {
  const found = readDecimal(value);
  if (!found) return value;
  const places = found.places - by;
  return showDecimal(places >= 0 ? decimal(found.unscaled, places) : decimal(found.unscaled * 10n ** BigInt(-places)));
}

// Half away from zero to so many places, as money is stored.
export function toPlaces(value: string, places: number): string {
  const found = readDecimal(value);
  const rounded = found && round(found, decimal(BigInt(places)));
  return rounded ? showDecimal(rounded) : value;
}

// For reading: grouped, all digits, two places at least where there is a fraction.
export function shownNumber(value: string, locale: string, places = 0): string {
  const fraction = value.split(".")[1]?.length ?? 0;
  const least = Math.max(fraction ? 2 : 0, places);
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: Math.max(least, fraction) });
  return format.format(value as unknown as number); // a text is formatted exactly, digit by digit
}
