import { type JumpSettings, jumpListOf } from "../config/hosts/jump-list.ts";
import type { HopConfig } from "../config/settings/ssh.ts";

/** One jump host of a host. */
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
 * The jump hosts of a host, in order.
 *
 * A host of the fleet at the beginning of the list is reached as it always is, through the machines before it. The stack's list is for
 * the hosts behind it: a host in the list is reached through those before itself.
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

/** Hosts of the fleet that are jump hosts of a host. */
export function passedHosts(chain: readonly JumpStep[]): string[] {
  return chain.flatMap((step) => (step.kind === "host" ? [step.name] : []));
}
