import * as pulumi from "@pulumi/pulumi";
import { formatHosts } from "../../model/naming/format-hosts.ts";

/** Fewest hosts of which what is alike is told once: fewer are easier to read one by one. */
const fewest = 4;

/** Something to tell of one host. */
export interface HostMessage {
  readonly host: string;
  /** What it is shown at, unless it is told of several hosts at once. */
  readonly resource: pulumi.Resource;
  /** What differs although the rest is alike, such as the names of systems. One line. */
  readonly head: string;
  /** Lines below it, each with its line break before it; empty: the head is all there is. */
  readonly body: string;
}

/**
 * What a run tells of its hosts when all is known: a change that a hundred hosts have in common is one message, at the stack, not a
 * hundred.
 */
export class GroupedMessages {
  readonly #notices: HostMessage[] = [];

  add(notice: HostMessage): void {
    this.#notices.push(notice);
  }

  /** Tells what was added and has not been told yet. */
  async tell(): Promise<void> {
    const groups = new Map<string, HostMessage[]>();
    for (const notice of this.#notices.splice(0)) {
      const alike = notice.body === "" ? notice.head : notice.body;
      groups.set(alike, [...(groups.get(alike) ?? []), notice]);
    }
    for (const group of groups.values()) await tellGroup(group);
  }
}

async function tellGroup(group: readonly HostMessage[]): Promise<void> {
  const hosts = new Set(group.map(({ host }) => host));
  const [first] = group;
  if (first !== undefined && hosts.size >= fewest) {
    const heads = new Set(group.map(({ head }) => head));
    const head = heads.size === 1 ? first.head : `${heads.size} systems, all of which change alike`;
    return await pulumi.log.info(`${formatHosts([...hosts])}: ${head}${first.body}`);
  }
  for (const { host, resource, head, body } of group)
    await pulumi.log.info(`${host}: ${head}${body}`, resource);
}
