import * as pulumi from "@pulumi/pulumi";
import type {
  ExistingHost,
  HetznerHost,
  InventoryHost,
  ScalewayHost,
} from "../../model/inventory/inventory.ts";
import type { HostNames } from "../../model/naming/host-names.ts";
import type { DeployKey } from "../identity/deploy-key.ts";
import { Identity, type SshKeyPair } from "../identity/identity.ts";
import type { PrivateNetworks } from "../network/private-networks.ts";
import { type PlacementGroups, placementOf } from "../placement/placement-groups.ts";
import { ExistingServer } from "../server/existing-server.ts";
import type { NetworkAttachment } from "../server/hetzner/attachments.ts";
import { ImportedHetznerServer } from "../server/hetzner/imported-server.ts";
import { HetznerServer } from "../server/hetzner/server.ts";
import type { HostKeyScanArgs } from "../server/host-key-scan.ts";
import type { ScalewayNetworkAttachment } from "../server/scaleway/attachments.ts";
import { ScalewayServer } from "../server/scaleway/server.ts";
import type { Server } from "../server/server.ts";
import type { HostContext } from "./context.ts";
import { labelsOf, openingsOf } from "./firewall-openings.ts";
import type { JumpPath } from "./jump-path.ts";

/** What a host runs on, and by what it is known. */
export interface Machine {
  readonly identity: Identity;
  readonly server: Server;
}

/** What the machine of a host is made of. */
interface ServerContext
  extends Pick<HostContext, "stack" | "inventory" | "deployKey" | "networks" | "placements"> {
  readonly names: HostNames;
  /** Machines that are passed to reach it. */
  readonly way: JumpPath;
  /** The host's component. */
  readonly parent: pulumi.Resource;
}

/** Makes the server of a host, takes one over, or names the one there is; and the keys it is known by. */
export function createServer(host: InventoryHost, around: ServerContext): Machine {
  switch (host.provider) {
    case "hetzner": {
      if (host.importServer !== null)
        return externalServer(host, importedServer(host, host.importServer, around), around);
      const identity = newIdentity(host, null, around);
      return { identity, server: hetznerServer(host, identity.makeBootstrapKey(), around) };
    }
    case "scaleway": {
      const identity = newIdentity(host, null, around);
      return { identity, server: scalewayServer(host, identity.makeBootstrapKey(), around) };
    }
    case "existing":
      return externalServer(host, existingServer(host, around), around);
    default:
      return unknownProvider(host);
  }
}

/** A machine that others made may keep its host key. */
function externalServer(host: InventoryHost, server: Server, around: ServerContext): Machine {
  const keptKey = host.bootstrap === "none" ? knownKey(host.name, server.bootstrapHostKey) : null;
  return { identity: newIdentity(host, keptKey, around), server };
}

function newIdentity(
  { protect }: InventoryHost,
  keptKey: pulumi.Output<string> | null,
  { names, parent }: ServerContext,
): Identity {
  return new Identity(names, { protect, keptKey }, { parent });
}

/** Only a rescue system is entered without knowing the machine's key, and whoever comes from there gets a key of ours. */
function knownKey(host: string, key: pulumi.Output<string | null>): pulumi.Output<string> {
  return key.apply((known) => {
    if (known === null) throw new Error(`host "${host}" keeps a host key that nobody knows`);
    return known;
  });
}

function importedServer(host: HetznerHost, id: string, around: ServerContext): ImportedHetznerServer {
  const { protect, serverType, machineKey, trustOnFirstUse } = host;
  const { inventory, deployKey, names, parent } = around;
  const settings = { protect, serverType, machineKey, trustOnFirstUse, port: host.login.port };
  const contactSeconds = inventory.deadlines.install.contact;
  const args = { ...settings, ...sshAccess(host, deployKey, around.way), id, contactSeconds };
  return new ImportedHetznerServer(names, args, { parent });
}

function hetznerServer(
  host: HetznerHost,
  bootstrapKey: SshKeyPair,
  { inventory, deployKey, stack, networks, placements, names, parent }: ServerContext,
): HetznerServer {
  if (deployKey.hetznerId === null) throw new Error("the deploy key is not registered at Hetzner");
  return new HetznerServer(
    names,
    {
      protect: host.protect,
      settled: host.settled,
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
      pointers: host.pointers,
      bootstrapKey,
    },
    { parent },
  );
}

function placementGroupId(host: InventoryHost, placements: PlacementGroups): pulumi.Output<string> | null {
  const group = placementOf(host);
  if (group === null) return null;
  const found = placements.get(group);
  if (found === undefined) throw new Error(`host "${host.name}" is in a placement group that was not made`);
  return found.groupId;
}

function hetznerNetworkAttachments(host: HetznerHost, networks: PrivateNetworks): NetworkAttachment[] {
  return Object.entries(host.networks).map(([network, address]) => {
    const found = networks.get(network);
    if (found?.provider !== "hetzner") throw foreignNetwork(host, network);
    return { network, address, subnetId: found.subnetId };
  });
}

function scalewayPlaces(host: ScalewayHost, networks: PrivateNetworks): ScalewayNetworkAttachment[] {
  return Object.entries(host.networks).map(([network, address]) => {
    const found = networks.get(network);
    if (found?.provider !== "scaleway") throw foreignNetwork(host, network);
    const { region, privateNetworkId } = found;
    return { network, address, region, privateNetworkId };
  });
}

function foreignNetwork({ name }: InventoryHost, network: string): Error {
  return new Error(
    `host "${name}" is in network "${network}", which its provider does not have; the configuration should have been refused`,
  );
}

function scalewayServer(
  host: ScalewayHost,
  bootstrapKey: SshKeyPair,
  { inventory, deployKey, stack, networks, placements, names, parent }: ServerContext,
): ScalewayServer {
  if (deployKey.atScaleway === null) throw new Error("the deploy key is not registered at Scaleway");
  return new ScalewayServer(
    names,
    {
      protect: host.protect,
      settled: host.settled,
      zone: host.zone,
      instanceType: host.instanceType,
      image: host.image,
      rootVolume: host.rootVolume,
      ipv4: host.ipv4,
      ipv6: host.ipv6,
      tags: [`fleet/stack=${stack}`, `fleet/host=${host.name}`],
      deleteProtection: host.deleteProtection,
      firewall: openingsOf(host, inventory),
      networks: scalewayPlaces(host, networks),
      placementGroupId: placementGroupId(host, placements),
      volumes: host.volumes,
      pointers: host.pointers,
      deployKey: deployKey.atScaleway,
      bootstrapKey,
    },
    { parent },
  );
}

function existingServer(
  host: ExistingHost,
  { inventory, deployKey, way, names, parent }: ServerContext,
): ExistingServer {
  return new ExistingServer(
    names,
    {
      address: host.address,
      port: host.login.port,
      ...sshAccess(host, deployKey, way),
      machineKey: host.machineKey,
      contactSeconds: inventory.deadlines.install.contact,
    },
    { parent },
  );
}

/** How a machine is come near to that is asked for its key. */
function sshAccess(
  host: InventoryHost,
  { privateKey }: DeployKey,
  way: JumpPath,
): Pick<HostKeyScanArgs, "through" | "after"> {
  const through = host.jump.length === 0 ? null : pulumi.output({ jump: way.hops, privateKey });
  return { through, after: way.ready };
}

function unknownProvider(host: never): never {
  throw new Error(`a host of an unknown provider has no server component: ${JSON.stringify(host)}`);
}
