/** Public addresses of a project: which server has which, handing out and taking back. */
import type { Location } from "../catalog/locations.ts";
import { ApiError } from "../errors.ts";
import type { Project } from "../project.ts";
import type { PrimaryIpRecord, ServerRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { defaultDnsPtr } from "./reverse-dns.ts";

/** The server's address of a kind, or undefined. */
export function addressOf(
  project: Project,
  server: ServerRecord,
  type: PrimaryIpRecord["type"],
): PrimaryIpRecord | undefined {
  return [...project.state.primary_ips.values()].find(
    (address) => address.assignee === server.id && address.type === type,
  );
}

/** What a new address is to be. */
export interface NewAddress {
  readonly type: PrimaryIpRecord["type"];
  readonly location: Location;
  readonly name?: string;
  readonly labels?: PrimaryIpRecord["labels"];
  readonly autoDelete: boolean;
  readonly assignee: number | null;
}

/** Allocates an address. Throws 412 if there is none left. */
export function addAddress(project: Project, wanted: NewAddress): PrimaryIpRecord {
  const id = project.nextId();
  const ip = project.allocateAddress(wanted.type);
  const address: PrimaryIpRecord = {
    id,
    created: timestamp(),
    name: wanted.name ?? `primary_ip-${id}`,
    labels: wanted.labels ?? {},
    type: wanted.type,
    ip,
    location: wanted.location,
    dnsPtr: new Map(defaultDnsPtr(wanted.type, ip)),
    assignee: wanted.assignee,
    autoDelete: wanted.autoDelete,
    protected: false,
  };
  project.state.primary_ips.set(id, address);
  return address;
}

export function removeAddress(project: Project, address: PrimaryIpRecord): void {
  project.state.primary_ips.delete(address.id);
  project.releaseAddress(address.ip);
}

/** Throws unless the address can be given to a server there. */
export function requireAssignable(
  address: PrimaryIpRecord,
  type: PrimaryIpRecord["type"],
  location: Location,
): void {
  if (address.assignee !== null) {
    throw new ApiError(
      409,
      "primary_ip_assigned",
      `primary IP ${address.id} is assigned to a server already`,
    );
  }
  if (address.type !== type) {
    throw new ApiError(422, "primary_ip_version_mismatch", `primary IP ${address.id} is no ${type} address`);
  }
  if (address.location.id !== location.id) {
    throw new ApiError(
      422,
      "primary_ip_datacenter_mismatch",
      `primary IP ${address.id} is in ${address.location.name}, the server in ${location.name}`,
    );
  }
}
