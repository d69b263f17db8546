import type * as pulumi from "@pulumi/pulumi";

/** What every provider's server component gives to the rest of a host. */
export interface Server {
  /** Provider's id; a new one means another machine, on which nothing of ours runs. */
  readonly serverId: pulumi.Output<string>;
  readonly ipv4: pulumi.Output<string | null>;
  readonly ipv6: pulumi.Output<string | null>;
  /** SSH host key the machine shows until we have installed it; null: unknown. */
  readonly bootstrapHostKey: pulumi.Output<string | null>;
  /** Address to connect to. */
  readonly address: pulumi.Output<string>;
  /** Resources to wait for before the machine can be reached. */
  readonly ready: readonly pulumi.Resource[];
  /** Where each of its volumes is found on it: `/dev/disk/by-id/…`. */
  readonly volumes: ReadonlyMap<string, pulumi.Output<string>>;
  /**
   * Attaches what an install must not see. Called once.
   * @param after what has to be over by then
   * @returns what a deployment waits for
   */
  attachRemaining(after: readonly pulumi.Resource[]): readonly pulumi.CustomResource[];
}
