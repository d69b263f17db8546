import * as pulumi from "@pulumi/pulumi";
import { hetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import type { RescueAccess } from "../../model/protocol/rescue-access.ts";

/** What an install has to know of its server. */
export interface RescueAccessArgs {
  readonly serverId: pulumi.Output<string>;
  /** Id of the deploy key at Hetzner. */
  readonly sshKeyId: pulumi.Output<string>;
  /** `bootstrap: rescue` */
  readonly wanted: boolean;
  /** Absolute path. */
  readonly pinFile: string;
}

/** The rescue system of a Hetzner server, reached as the provider reaches the server; null where the provider has no token. */
export function rescueAccess({
  serverId,
  sshKeyId,
  ...rest
}: RescueAccessArgs): pulumi.Output<RescueAccess> | null {
  const credentials = hetznerCredentials(pulumi.runtime.allConfig(), process.env);
  if (credentials === undefined) return null;
  const { endpoint, token } = credentials;
  return pulumi.output({
    cloud: "hetzner" as const,
    endpoint,
    token: pulumi.secret(token),
    serverId,
    sshKeyId,
    ...rest,
  });
}
