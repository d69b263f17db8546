/**
 * Where a component came from: `found` on the machine, the vendor's `official` release, `built` here from pinned Go
 * modules, or out of the `distribution`'s packages.
 */
export type Origin = "found" | "official" | "built" | "distribution";

export const origins: readonly Origin[] = ["found", "official", "built", "distribution"];

/** One component that is ready for use. */
export interface ComponentFact {
  readonly name: string;
  readonly version: string;
  readonly origin: Origin;
  /** Its main executable, absolute. */
  readonly path: string;
  /** It is not the vendor's code: it only behaves alike. */
  readonly standIn?: true;
}

/** What set-up may use and where it works. */
export interface SetUpContext {
  /** Folder of everything set-up makes, absolute. */
  readonly folder: string;
  /** Environment in which things are looked for; PATH and HOME matter. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Origins that may be used. */
  readonly allowed: ReadonlySet<Origin>;
  readonly signal: AbortSignal;
  /** Components that are ready, by name: plugins come after the CLI. */
  readonly ready: Map<string, ComponentFact>;
  /** Whether the vendor's downloads can be reached; asked once. */
  readonly vendorReachable: () => Promise<boolean>;
}

/** Shows what is being done now, one short line. */
export type Note = (line: string) => void;

/** What a finished folder holds. */
export interface Made {
  readonly version: string;
  /** Main executable, relative to the folder. */
  readonly executable: string;
}

/** A way to get a component that the machine has not. */
export interface Way {
  readonly origin: Exclude<Origin, "found">;
  /** Unique name of what it makes: component, version, hash of whatever goes into it. */
  folderName(context: SetUpContext): Promise<string>;
  /** For people: "build it from Go modules". */
  readonly what: string;
  /** What it makes is not the vendor's code. */
  readonly standIn?: true;
  /** Why this way cannot be gone on this machine; undefined when it can be tried. */
  obstacle(context: SetUpContext): Promise<string | undefined>;
  /** Fills an empty folder, which keeps its path. */
  make(folder: string, context: SetUpContext, note: Note): Promise<Made>;
}

/** Nothing usable on the machine, and why: "nix 2.18.1 is older than 2.24". */
export interface NotFound {
  readonly because: string;
}

/** A program or plugin the demo and the tests need. */
export interface Component {
  readonly name: string;
  /** For people: "Pulumi CLI 3.232.0". */
  readonly title: string;
  /** Looks for a usable one on the machine, without changing anything. */
  find(context: SetUpContext): Promise<ComponentFact | NotFound>;
  /** In order of preference. */
  readonly ways: readonly Way[];
  /** What a person can do when every way is closed. */
  readonly remedy: string;
}
