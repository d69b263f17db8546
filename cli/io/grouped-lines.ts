import { formatHosts } from "../../model/naming/format-hosts.ts";

/** Fewest hosts that share a line: fewer are easier to read one by one. */
const fewest = 4;

/** What there is to say of a host below a table. */
export interface HostMessage {
  readonly host: string;
  readonly text: string;
}

/** A line each, in their order; what many hosts have in common is said once, where the first of them says it. */
export function groupMessages(remarks: readonly HostMessage[]): string[] {
  const hostsOf = new Map<string, string[]>();
  for (const { host, text } of remarks) hostsOf.set(text, [...(hostsOf.get(text) ?? []), host]);
  const told = new Set<string>();
  return remarks.flatMap(({ host, text }) => {
    const hosts = hostsOf.get(text) ?? [];
    if (hosts.length < fewest) return [`${host}: ${text}`];
    if (told.has(text)) return [];
    told.add(text);
    return [`${formatHosts(hosts)}: ${text}`];
  });
}
