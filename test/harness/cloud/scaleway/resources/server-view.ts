/** A server as the instance API shows it. */
import type { Image } from "../catalog.ts";
import type { Project } from "../project.ts";
import type { IpRecord, ServerRecord, ServerState, VolumeRecord } from "../state.ts";
import { ipsOf } from "./ips.ts";
import { slaacAddress } from "./machine-control.ts";
import { placementGroupView } from "./placement-groups.ts";
import { nicsOf } from "./private-cards.ts";
import { privateNicView } from "./private-nics.ts";

/** Owner of the stock images. */
const imagesProject = "51b656e3-4865-41e8-adbc-0c45bdd780db";
const gatewayOfIpv4 = "62.210.0.1";

/** What may be done with a server in each of its states. */
export const allowedActions: Readonly<Record<ServerState, readonly string[]>> = {
  stopped: ["poweron", "backup"],
  starting: [],
  running: ["poweroff", "terminate", "reboot", "stop_in_place", "backup"],
  stopping: [],
  "stopped in place": ["poweron", "backup"],
};

function publicIpView(server: ServerRecord, ip: IpRecord): object {
  const ipv4 = ip.type === "routed_ipv4";
  return {
    id: ip.id,
    address: ipv4 ? ip.ip : slaacAddress(ip.ip, server.mac),
    dynamic: false,
    gateway: ipv4 ? gatewayOfIpv4 : "fe80::1",
    netmask: ipv4 ? "32" : "64",
    family: ipv4 ? "inet" : "inet6",
    provisioning_mode: ipv4 ? "dhcp" : "slaac",
    tags: ip.tags,
    state: "attached",
    ipam_id: ip.id,
  };
}

function imageView(image: Image, created: string): object {
  return {
    id: image.id,
    name: image.title,
    organization: imagesProject,
    project: imagesProject,
    root_volume: { volume_type: "sbs_snapshot", id: image.id, size: 0, name: "" },
    extra_volumes: {},
    public: true,
    arch: image.arch,
    creation_date: created,
    modification_date: created,
    default_bootscript: null,
    from_server: "",
    state: "available",
    tags: [],
    zone: image.zone,
  };
}

function volumeView({ id, zone, status }: VolumeRecord): object {
  const state = status === "ready" ? "available" : status;
  return { boot: false, volume_type: "sbs_volume", id, state, zone };
}

export function serverView(project: Project, server: ServerRecord): object {
  const ips = ipsOf(project, server).map((ip) => publicIpView(server, ip));
  const group = project.get("security_groups", server.zone, server.securityGroup);
  const volumes = [server.rootVolume, ...server.volumes].map((id, slot) => [
    String(slot),
    volumeView(project.get("volumes", server.zone, id)),
  ]);
  const placement =
    server.placementGroup === null
      ? null
      : project.get("placement_groups", server.zone, server.placementGroup);
  return {
    id: server.id,
    name: server.name,
    hostname: server.name,
    arch: server.type.arch,
    commercial_type: server.type.name,
    boot_type: server.bootType,
    organization: project.id,
    project: project.id,
    image: imageView(server.image, server.created),
    volumes: Object.fromEntries(volumes),
    tags: server.tags,
    state: server.state,
    state_detail: server.stateDetail,
    protected: server.protected,
    public_ip: ips[0] ?? null,
    public_ips: ips,
    mac_address: server.mac,
    routed_ip_enabled: true,
    ipv6: null,
    extra_networks: [],
    dynamic_ip_required: server.dynamicIp,
    enable_ipv6: false,
    private_ip: null,
    creation_date: server.created,
    modification_date: server.modified,
    bootscript: null,
    security_group: { id: group.id, name: group.name },
    location: null,
    maintenances: [],
    allowed_actions: server.protected
      ? allowedActions[server.state].filter((action) => action !== "terminate")
      : allowedActions[server.state],
    placement_group: placement === null ? null : placementGroupView(project, placement),
    private_nics: nicsOf(project, server).map(privateNicView),
    zone: server.zone,
    filesystems: [],
    end_of_service: false,
    dns: `${server.id}.pub.instances.scw.cloud`,
  };
}
