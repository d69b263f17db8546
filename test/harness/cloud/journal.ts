/** What a cloud was asked: lets tests assert "no request at all" and benchmarks count requests per host. */

/** One answered request. */
export interface JournalEntry {
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  /** Path without version prefix and query, such as `/servers/42`. */
  readonly path: string;
  /** Raw query string without `?`; empty if there was none. */
  readonly query: string;
  /** HTTP status; 0 where the connection was cut instead of answered. */
  readonly status: number;
  /** The API's error code, or null. */
  readonly code: string | null;
  /** The caller used a route, field or parameter the emulation does not know. */
  readonly unexpected: boolean;
  /** Id of the fault rule that changed this answer, or null. */
  readonly fault: number | null;
  /** Name of the server this was about, or null. */
  readonly host: string | null;
}

export type JournalRecord = Omit<JournalEntry, "sequence" | "at">;

/** Append-only until cleared. */
export class Journal {
  #entries: JournalEntry[] = [];
  #sequence = 0;

  record(entry: JournalRecord): void {
    this.#sequence += 1;
    this.#entries.push({ sequence: this.#sequence, at: Date.now(), ...entry });
  }

  /** All requests since the last `clear`, oldest first. */
  entries(): readonly JournalEntry[] {
    return [...this.#entries];
  }

  /** Requests whose method is `method` and whose path matches `path`. */
  matching(method: string, path: RegExp): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.method === method && path.test(entry.path));
  }

  /** Requests outside the API as emulated; a test should end with none. */
  unexpected(): readonly JournalEntry[] {
    return this.#entries.filter((entry) => entry.unexpected);
  }

  /** Server name to number of requests about it. */
  requestsPerHost(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { host } of this.#entries) {
      if (host !== null) {
        counts.set(host, (counts.get(host) ?? 0) + 1);
      }
    }
    return counts;
  }

  clear(): void {
    this.#entries = [];
  }
}
