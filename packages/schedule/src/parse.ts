const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;
export const DAY_MINUTES = 1440;

/** Minutes since midnight of `HH:MM`; null where it is not one. `24:00` is one only as an end. */
export function parseTime(text: string, as: "start" | "end"): number | null {
  if (text === "24:00") return as === "end" ? DAY_MINUTES : null;
  const match = TIME.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

/** Days since 1970-01-01 of `YYYY-MM-DD`; null where there is no such date. */
export function parseDate(text: string): number | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return new Date(ms).toISOString().slice(0, 10) === text ? ms / DAY_MS : null;
}
