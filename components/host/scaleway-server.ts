import type { ScalewayHost } from "../../model/inventory/inventory.ts";
import type { SshKeyPair } from "../identity/identity.ts";
import { networkOf, type PrivateNetworks } from "../network/private-networks.ts";
import type { ScalewayNetworkAttachment } from "../server/scaleway/attachments.ts";
import { ScalewayServer } from "../server/scaleway/server.ts";
import { openingsOf } from "./firewall-openings.ts";
import type { ServerContext } from "./server-context.ts";

export function scalewayServer(
  host: ScalewayHost,
  bootstrapKey: SshKeyPair,
  { inventory, deployKey, stack, networks, placementGroupId, names, parent }: ServerContext,
): ScalewayServer {
  if (deployKey.atScaleway === null) throw new Error("the deploy key is not registered at Scaleway");
  return new ScalewayServer(
    names,
    {
      protect: host.protect,
      locationFixed: host.locationFixed,
      zone: host.zone,
      instanceType: host.instanceType,
      image: host.image,
      rootVolume: host.rootVolume,
      ipv4: host.ipv4,
      ipv6: host.ipv6,
      tags: [`fleet/stack=${stack}`, `fleet/host=${host.name}`],
      deleteProtection: host.deleteProtection,
      firewall: openingsOf(host, inventory),
      networks: scalewayNetworkAttachments(host, networks),
      placementGroupId,
      volumes: host.volumes,
      ptrRecords: host.ptrRecords,
      deployKey: deployKey.atScaleway,
      bootstrapKey,
    },
    { parent },
  );
}

function scalewayNetworkAttachments(
  host: ScalewayHost,
  networks: PrivateNetworks,
): ScalewayNetworkAttachment[] {
  return Object.entries(host.networks).map(([network, address]) => {
    const { region, privateNetworkId } = networkOf(networks, "scaleway", network);
    return { network, address, region, privateNetworkId };
  });
}
