/** A server as the API shows it. The top-level `location` is what the provider reads since 2026. */
import { imageView } from "../catalog/images.ts";
import { serverTypeView } from "../catalog/server-types.ts";
import type { Project } from "../project.ts";
import type { PrimaryIpRecord, ServerRecord } from "../state.ts";
import { addressOf } from "./address-book.ts";
import { firewallsOf } from "./firewalls.ts";
import { isRunning } from "./machine-control.ts";
import { placementGroupView } from "./placement-groups.ts";
import { dnsPtrView } from "./reverse-dns.ts";

/** `running`, `off`, or what it is passing through. */
export function serverStatus(server: ServerRecord): string {
  return server.transition ?? (isRunning(server) ? "running" : "off");
}

function ipv4View(address: PrimaryIpRecord | undefined): object | null {
  if (address === undefined) {
    return null;
  }
  const [pointer] = dnsPtrView(address);
  return { id: address.id, ip: address.ip, blocked: false, dns_ptr: pointer?.dns_ptr ?? "" };
}

function ipv6View(address: PrimaryIpRecord | undefined): object | null {
  return address === undefined
    ? null
    : { id: address.id, ip: address.ip, blocked: false, dns_ptr: dnsPtrView(address) };
}

function publicNetView(project: Project, server: ServerRecord): object {
  return {
    ipv4: ipv4View(addressOf(project, server, "ipv4")),
    ipv6: ipv6View(addressOf(project, server, "ipv6")),
    floating_ips: [],
    firewalls: firewallsOf(project, server).map(({ id }) => ({ id, status: "applied" })),
  };
}

export function serverView(project: Project, server: ServerRecord): object {
  const volumes = [...project.state.volumes.values()].filter((volume) => volume.server === server.id);
  const group = server.placementGroup;
  return {
    id: server.id,
    name: server.name,
    status: serverStatus(server),
    created: server.created,
    labels: server.labels,
    location: server.location,
    server_type: serverTypeView(server.type),
    image: imageView(server.image),
    primary_disk_size: server.primaryDiskSize,
    public_net: publicNetView(project, server),
    private_net: server.privateNets.map((attachment) => ({
      network: attachment.network,
      ip: attachment.ip,
      alias_ips: attachment.aliasIps,
      mac_address: attachment.mac,
    })),
    volumes: volumes.map((volume) => volume.id),
    load_balancers: [...project.state.load_balancers.values()]
      .filter(({ targets }) => targets.some((target) => target.server === server.id))
      .map(({ id }) => id),
    placement_group:
      group === null ? null : placementGroupView(project, project.get("placement_groups", group)),
    protection: server.protection,
    locked: project.actions.isLocked("server", server.id),
    rescue_enabled: server.machine?.rescueArmed() ?? false,
    backup_window: server.backupWindow,
    iso: null,
    included_traffic: 20 * 1024 ** 4,
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}
