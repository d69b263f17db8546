import { type JumpSettings, jumpListOf } from "../config/hosts/jump-list.ts";
import type { HopConfig } from "../config/settings/ssh.ts";

/** One machine on the way to a host. */
export type JumpStep =
  | { readonly kind: "host"; readonly name: string }
  | {
      readonly kind: "machine";
      readonly address: string;
      readonly port: number;
      readonly user: string;
      /** `type base64` */
      readonly hostKey: string;
      /** Name of the secret with the private key; null: the deploy key. */
      readonly key: string | null;
    };

/**
 * The machines on the way to a host, in the order they are passed.
 *
 * A host of the fleet at the beginning of the way is reached as it always is, through the machines before it. The stack's list is for
 * the hosts behind it: a host that stands in it is reached through those before itself.
 */
export function jumpChain(name: string, stack: JumpSettings): JumpStep[] {
  return expand(name, stack, new Set([name]));
}

function expand(name: string, stack: JumpSettings, passed: ReadonlySet<string>): JumpStep[] {
  const steps = jumpListOf(name, stack).map((hop) => stepOf(hop, stack.ssh.user));
  const [first] = steps;
  if (first?.kind !== "host" || passed.has(first.name)) return steps;
  return [...expand(first.name, stack, new Set([...passed, first.name])), ...steps];
}

/** The configuration has been checked by `jumpErrors`. */
function stepOf(hop: HopConfig, defaultUser: string): JumpStep {
  if (hop.host !== undefined) return { kind: "host", name: hop.host };
  return {
    kind: "machine",
    address: hop.address ?? "",
    port: hop.port ?? 22,
    user: hop.user ?? defaultUser,
    hostKey: (hop.hostKey ?? "").split(" ").slice(0, 2).join(" "),
    key: hop.key ?? null,
  };
}

/** Hosts of the fleet that are passed on the way to a host. */
export function passedHosts(chain: readonly JumpStep[]): string[] {
  return chain.flatMap((step) => (step.kind === "host" ? [step.name] : []));
}
