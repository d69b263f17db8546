import type * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../model/naming/host-names.ts";
import type { HostKeyScanArgs } from "../server/host-key-scan.ts";
import type { HostContext } from "./context.ts";

/** What the server of a host is created from. */
export interface ServerContext extends Pick<HostContext, "stack" | "inventory" | "deployKey" | "networks"> {
  readonly names: HostNames;
  readonly placementGroupId: pulumi.Output<string> | null;
  /** How a machine that is asked for its host key is reached. */
  readonly sshAccess: Pick<HostKeyScanArgs, "through" | "after">;
  /** The host's component. */
  readonly parent: pulumi.Resource;
}
