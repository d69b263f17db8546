import type { Part } from "./resource-names.ts";

/** Name of a resource, and the names it had before, as Pulumi takes them. */
export interface ResourceNames {
  readonly name: string;
  readonly aliases: { name: string }[];
}

/** A host's name, and those it had before: every resource of the host is called after them. */
export class HostNames {
  readonly host: string;
  readonly aliases: readonly string[];

  constructor(host: { readonly name: string; readonly aliases: readonly string[] }) {
    this.host = host.name;
    this.aliases = host.aliases;
  }

  /** Names of one of the host's resources: `web`, `host-key` → `web-host-key`. */
  of(part: Part): ResourceNames {
    return {
      name: `${this.host}-${part}`,
      aliases: this.aliases.map((old) => ({ name: `${old}-${part}` })),
    };
  }
}
