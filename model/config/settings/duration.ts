import { z } from "zod";

/** What a duration may be, in seconds. */
export interface DurationRange {
  readonly min: number;
  readonly max: number;
  /** True: `min` itself is too short. */
  readonly exclusive?: boolean;
  /** True: no parts of a second. */
  readonly whole?: boolean;
}

/** Units of a text, in the order they appear in it, with their seconds. */
const units = { h: 3600, m: 60, s: 1 } as const;

const form = 'must be a duration: a number of seconds, or a text such as "90s", "5m" or "1h30m"';

/**
 * The one type of every setting that is a time: a number of seconds, or a text of whole hours, minutes and seconds, each at most once and
 * in this order. Read as seconds either way.
 */
export function duration(range: DurationRange) {
  return z
    .union([z.number(), z.string()], { error: ({ input }) => reasonFor(input) })
    .transform((given, context): number => {
      const seconds = typeof given === "number" ? given : parseDuration(given);
      const reason = seconds === undefined ? reasonFor(given) : rangeError(seconds, range);
      if (seconds !== undefined && reason === undefined) return seconds;
      context.addIssue({ code: "custom", message: reason ?? form });
      return z.NEVER;
    });
}

/** Seconds of a text such as `90s` or `1h30m`; undefined: it is no duration. */
function parseDuration(text: string): number | undefined {
  const [whole, hours, minutes, seconds] = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text) ?? [];
  if (whole === undefined || whole === "") return undefined;
  return Number(hours ?? 0) * units.h + Number(minutes ?? 0) * units.m + Number(seconds ?? 0);
}

/** The shortest text that `parseDuration` reads as so many whole seconds. */
function formatDuration(seconds: number): string {
  const parts = Object.entries(units).reduce<{ text: string; rest: number }>(
    ({ text, rest }, [unit, size]) => {
      const count = Math.floor(rest / size);
      return { text: count === 0 ? text : `${text}${count}${unit}`, rest: rest - count * size };
    },
    { text: "", rest: seconds },
  );
  return parts.text === "" ? "0s" : parts.text;
}

/** The value itself is not repeated: it may be a secret at the wrong place. */
function reasonFor(given: unknown): string {
  const isCount = typeof given === "string" && /^\d+(\.\d+)?$/.test(given);
  return isCount ? `${form}; this one has no unit: add one, or take its quotes away` : form;
}

function rangeError(seconds: number, { min, max, exclusive, whole }: DurationRange): string | undefined {
  if (whole === true && !Number.isInteger(seconds)) return "must be whole seconds";
  const isLong = exclusive === true ? seconds > min : seconds >= min;
  if (isLong && seconds <= max) return undefined;
  return `must be ${exclusive === true ? "more than" : "at least"} ${formatDuration(min)} and at most ${formatDuration(max)}`;
}
