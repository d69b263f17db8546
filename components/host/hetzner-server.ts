import type { HetznerHost } from "../../model/inventory/inventory.ts";
import type { SshKeyPair } from "../identity/identity.ts";
import { networkOf, type PrivateNetworks } from "../network/private-networks.ts";
import type { NetworkAttachment } from "../server/hetzner/attachments.ts";
import { ImportedHetznerServer } from "../server/hetzner/imported-server.ts";
import { HetznerServer } from "../server/hetzner/server.ts";
import { labelsOf, openingsOf } from "./firewall-openings.ts";
import type { ServerContext } from "./server-context.ts";

export function hetznerServer(
  host: HetznerHost,
  bootstrapKey: SshKeyPair,
  { inventory, deployKey, stack, networks, placementGroupId, names, parent }: ServerContext,
): HetznerServer {
  if (deployKey.hetznerId === null) throw new Error("the deploy key is not registered at Hetzner");
  return new HetznerServer(
    names,
    {
      protect: host.protect,
      locationFixed: host.locationFixed,
      serverType: host.serverType,
      location: host.location,
      image: host.image,
      ipv4: host.ipv4,
      ipv6: host.ipv6,
      labels: labelsOf(host, stack),
      backups: host.backups,
      deleteProtection: host.deleteProtection,
      firewall: openingsOf(host, inventory),
      secondFirewall: host.ports.fromNixos !== null,
      sshKeyId: deployKey.hetznerId,
      networks: hetznerNetworkAttachments(host, networks),
      placementGroupId,
      volumes: host.volumes,
      ptrRecords: host.ptrRecords,
      bootstrapKey,
    },
    { parent },
  );
}

export function importedServer(
  { protect, serverType, machineKey, trustOnFirstUse, login }: HetznerHost,
  id: string,
  { inventory, sshAccess, names, parent }: ServerContext,
): ImportedHetznerServer {
  return new ImportedHetznerServer(
    names,
    {
      protect,
      serverType,
      machineKey,
      trustOnFirstUse,
      port: login.port,
      ...sshAccess,
      id,
      contactSeconds: inventory.deadlines.install.contact,
    },
    { parent },
  );
}

function hetznerNetworkAttachments(host: HetznerHost, networks: PrivateNetworks): NetworkAttachment[] {
  return Object.entries(host.networks).map(([network, address]) => {
    const { subnetId } = networkOf(networks, "hetzner", network);
    return { network, address, subnetId };
  });
}
