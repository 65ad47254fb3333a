// Moments in the company's time zone: `2026-03-04T10:30` in a control, UTC as they travel.

function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(at);
  const part = (name: string) => Number(parts.find((each) => each.type === name)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - at;
}

export function toLocal(utc: string, zone: string): string {
  const at = Math.floor(Date.parse(utc) / 1000) * 1000;
  return Number.isNaN(at) ? "" : new Date(at + offset(at, zone)).toISOString().slice(0, 16);
}

// A local time that a change of the clock leaves out is moved by it; one that comes twice is the first.
export function toUtc(local: string, zone: string): string | null {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return null;
  const first = wall - offset(wall, zone);
  const at = wall - offset(first, zone);
  return minute(new Date(at).toISOString());
}

export const minute = (utc: string): string => `${new Date(utc).toISOString().slice(0, 16)}:00Z`;
