import { formatHosts } from "../../model/naming/format-hosts.ts";
import { groupAlike } from "../../model/naming/group-alike.ts";

/** What there is to say of a host below a table. */
export interface HostMessage {
  readonly host: string;
  readonly text: string;
}

/** A line each, in their order; what many hosts have in common is said once. */
export function groupMessages(messages: readonly HostMessage[]): string[] {
  return groupAlike(messages, ({ text }) => text).map((group) => {
    const hosts = formatHosts(group.map(({ host }) => host));
    return `${hosts}: ${group[0]?.text ?? ""}`;
  });
}
