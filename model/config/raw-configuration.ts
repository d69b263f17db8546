/** A stack's configuration as Pulumi hands it over: full key → text (JSON for structured values). */
export type RawConfiguration = Readonly<Record<string, string>>;

/** Environment variables: a provider takes its token from there as well. */
export type Environment = Readonly<Record<string, string | undefined>>;
