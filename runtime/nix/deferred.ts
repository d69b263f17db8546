/** No machine can evaluate before something else exists. */
export interface Deferred {
  readonly kind: "postponed";
  /** What has to exist first, for people. */
  readonly until: string;
}

/** The same, where an answer of another type is expected. */
export class DeferredError extends Error {
  override readonly name = "DeferredError";
  readonly until: string;

  constructor(until: string) {
    super(`unknown until ${until}`);
    this.until = until;
  }
}
