import type * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import { hetznerOpenPorts, type OpenPortsArgs } from "../server/hetzner/nixos-firewall.ts";
import type { HostContext } from "./context.ts";
import { labelsOf, openingsOf } from "./firewall-openings.ts";

/**
 * Opens in the cloud what the host's configuration opens, where that is wanted.
 * @returns what the deployment waits for: whoever looks at the new system from outside finds its ports open
 */
export function openPorts(
  host: InventoryHost,
  { inventory, stack }: Pick<HostContext, "inventory" | "stack">,
  made: Pick<OpenPortsArgs, "server" | "system" | "after">,
  parent: pulumi.Resource,
): readonly pulumi.CustomResource[] {
  if (host.provider !== "hetzner" || host.adopt !== null || host.ports.fromConfiguration === null) return [];
  const firewall = hetznerOpenPorts(
    host.name,
    {
      ...made,
      openings: openingsOf(host, inventory),
      publicInterface: host.ports.fromConfiguration.publicInterface,
      labels: labelsOf(host, stack),
      aliases: host.aliases,
    },
    { parent },
  );
  return [firewall];
}
