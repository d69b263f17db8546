import { parseDocument } from "../../model/json/json.ts";
import { type HostIdentity, identitySchema } from "../../model/protocol/install.ts";

/** Where an installed host says who it is, relative to its root. */
export const identityPath = "/etc/fleet/identity.json";

/** Which host is meant: `aliases` are names it had before. */
export interface HostName {
  readonly stack: string;
  readonly host: string;
  readonly aliases: readonly string[];
}

/** Reads an identity file; a string says why it cannot be read. */
export function parseIdentity(text: string): HostIdentity | string {
  return parseDocument(text, identitySchema);
}

/** The file's text. */
export function formatIdentity(identity: HostIdentity): string {
  return `${JSON.stringify(identitySchema.parse(identity))}\n`;
}

/** True if the identity is the named host's, under its present or a former name. */
export function isSameHost(identity: { stack: string; host: string }, wanted: HostName): boolean {
  return (
    identity.stack === wanted.stack &&
    (identity.host === wanted.host || wanted.aliases.includes(identity.host))
  );
}
