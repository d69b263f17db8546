import type { HetznerHost } from "../../model/inventory/inventory.ts";
import type { SshKeyPair } from "../identity/identity.ts";
import type { PrivateNetworks } from "../network/private-networks.ts";
import type { NetworkAttachment } from "../server/hetzner/attachments.ts";
import { ImportedHetznerServer } from "../server/hetzner/imported-server.ts";
import { HetznerServer } from "../server/hetzner/server.ts";
import { labelsOf, openingsOf } from "./firewall-openings.ts";
import { foreignNetwork, placementGroupId, type ServerContext, sshAccess } from "./server-context.ts";

export function hetznerServer(
  host: HetznerHost,
  bootstrapKey: SshKeyPair,
  { inventory, deployKey, stack, networks, placements, names, parent }: ServerContext,
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
      placementGroupId: placementGroupId(host, placements),
      volumes: host.volumes,
      ptrRecords: host.ptrRecords,
      bootstrapKey,
    },
    { parent },
  );
}

export function importedServer(host: HetznerHost, id: string, context: ServerContext): ImportedHetznerServer {
  const { protect, serverType, machineKey, trustOnFirstUse } = host;
  const { inventory, deployKey, names, parent } = context;
  const settings = { protect, serverType, machineKey, trustOnFirstUse, port: host.login.port };
  const contactSeconds = inventory.deadlines.install.contact;
  const args = { ...settings, ...sshAccess(host, deployKey, context.jumpPath), id, contactSeconds };
  return new ImportedHetznerServer(names, args, { parent });
}

function hetznerNetworkAttachments(host: HetznerHost, networks: PrivateNetworks): NetworkAttachment[] {
  return Object.entries(host.networks).map(([network, address]) => {
    const found = networks.get(network);
    if (found?.provider !== "hetzner") throw foreignNetwork(host, network);
    return { network, address, subnetId: found.subnetId };
  });
}
