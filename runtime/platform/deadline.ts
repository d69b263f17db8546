/** A point in time by a clock that is never set: it neither passes early nor late when this machine's wall clock is corrected. */
export interface Deadline {
  /** Seconds until then; 0 once it has passed. */
  remaining(): number;
  /** Seconds for a step that begins now: at least one, as less is too short for any program. */
  left(): number;
}

/** The deadline that many seconds from now. */
export function deadlineIn(seconds: number): Deadline {
  const end = performance.now() + seconds * 1000;
  const remaining = () => Math.max(0, (end - performance.now()) / 1000);
  return { remaining, left: () => Math.max(1, remaining()) };
}

/** Counts the seconds from now on, by the same clock. */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}
