import * as pulumi from "@pulumi/pulumi";
import { formatHosts } from "../../model/naming/format-hosts.ts";
import { groupAlike } from "../../model/naming/group-alike.ts";

/** A message about one host. */
export interface HostMessage {
  readonly host: string;
  /** Resource it is shown at, unless it is reported for several hosts at once. */
  readonly resource: pulumi.Resource;
  /** What differs although the rest is alike, such as the names of systems. One line. */
  readonly head: string;
  /** Lines below it, each with its line break before it; empty: the head is all there is. */
  readonly body: string;
}

/**
 * What a run reports about its hosts when all is known: a change that a hundred hosts have in common is one message, at the stack, not a
 * hundred.
 */
export class GroupedMessages {
  readonly #notices: HostMessage[] = [];

  add(notice: HostMessage): void {
    this.#notices.push(notice);
  }

  /** Reports what was added and has not been reported yet. */
  async tell(): Promise<void> {
    const textOf = ({ head, body }: HostMessage) => (body === "" ? head : body);
    for (const group of groupAlike(this.#notices.splice(0), textOf)) await tellGroup(group);
  }
}

async function tellGroup(group: readonly HostMessage[]): Promise<void> {
  const [first, ...others] = group;
  if (first === undefined) return;
  const heads = new Set(group.map(({ head }) => head));
  const head = heads.size === 1 ? first.head : `${heads.size} systems, all of which change alike`;
  const text = `${formatHosts(group.map(({ host }) => host))}: ${head}${first.body}`;
  await pulumi.log.info(text, others.length === 0 ? first.resource : undefined);
}
