import type * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { HostNames } from "../../model/naming/host-names.ts";
import { hetznerOpenPorts, type OpenPortsArgs } from "../server/hetzner/nixos-firewall.ts";
import type { HostContext } from "./context.ts";
import { labelsOf, openingsOf } from "./firewall-openings.ts";

/**
 * Opens in the cloud what the host's configuration opens, where that is wanted.
 * @returns what the deployment waits for: the new system's ports are open to checks from outside
 */
export function openPorts(
  host: InventoryHost,
  { inventory, stack }: Pick<HostContext, "inventory" | "stack">,
  { names, ...made }: Pick<OpenPortsArgs, "server" | "system" | "after"> & { readonly names: HostNames },
  parent: pulumi.Resource,
): readonly pulumi.CustomResource[] {
  if (host.provider !== "hetzner" || host.importServer !== null || host.ports.fromNixos === null) return [];
  const firewall = hetznerOpenPorts(
    names,
    {
      ...made,
      openings: openingsOf(host, inventory),
      publicInterface: host.ports.fromNixos.publicInterface,
      labels: labelsOf(host, stack),
    },
    { parent },
  );
  return [firewall];
}
