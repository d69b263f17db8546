/** RFC 3339 in UTC with seconds, as the API writes it: `2026-11-21T08:30:00+00:00`. */
export function timestamp(date: Date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}+00:00`;
}
