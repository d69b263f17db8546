import { z } from "zod";

/** One address of an interface, as `ip -details -json address` (ip-address(8)) shows it. @internal */
export interface InterfaceAddress {
  readonly address: string;
  readonly family: "inet" | "inet6";
  readonly prefix: number;
  /** By DHCP or router advertisement; the installer asks for it again. */
  readonly dynamic: boolean;
  /** Made from a secret of this system (RFC 7217) or for a while (RFC 8981): another system makes another one. */
  readonly ofThisSystem: boolean;
}

export interface NetworkInterface {
  readonly name: string;
  readonly loopback: boolean;
  /** Kind of an interface that software created, such as `vlan`; null: hardware. */
  readonly kind: string | null;
  /** null: it has none, as a tunnel. */
  readonly hardwareAddress: string | null;
  readonly addresses: readonly InterfaceAddress[];
}

interface DefaultRoute {
  readonly family: "inet" | "inet6";
  /** null: the route has several next hops. */
  readonly device: string | null;
}

/** A machine's network, as far as it has to survive kexec. */
export interface Network {
  /** The machine's address our connection uses; null where the machine cannot report it. */
  readonly contact: string | null;
  /** Major version of a systemd-networkd that runs; null: none does. */
  readonly networkd: number | null;
  readonly interfaces: readonly NetworkInterface[];
  readonly defaults: readonly DefaultRoute[];
}

const addressSchema = z
  .looseObject({
    family: z.string(),
    local: z.string().optional(),
    prefixlen: z.number().optional(),
    dynamic: z.boolean().optional(),
    temporary: z.boolean().optional(),
    "stable-privacy": z.boolean().optional(),
  })
  .transform((found): InterfaceAddress[] => {
    const { family, local, prefixlen } = found;
    if ((family !== "inet" && family !== "inet6") || local === undefined || prefixlen === undefined)
      return [];
    const ofThisSystem = found.temporary === true || found["stable-privacy"] === true;
    return [{ address: local, family, prefix: prefixlen, dynamic: found.dynamic === true, ofThisSystem }];
  });

const interfacesSchema = z.array(
  // Old versions print an empty object for what a filter left out.
  z.looseObject({
    ifname: z.string().optional(),
    link_type: z.string().optional(),
    address: z.string().optional(),
    linkinfo: z.looseObject({ info_kind: z.string().optional() }).optional(),
    addr_info: z.array(addressSchema).optional(),
  }),
);

const routesSchema = z.array(
  z.looseObject({ dst: z.string().optional(), dev: z.string().optional(), type: z.string().optional() }),
);

/** What test machines and containers are plugged in by: to the system inside it is hardware. */
const pluggedIn = ["veth"];

/**
 * Reads the network part of the guard's report.
 * @param line gives the rest of the one line of a name
 * @returns null where the machine has no `ip` that could report it
 */
export function readNetwork(line: (name: string) => string): Network | null {
  const addresses = document(line("addresses"));
  const routes4 = document(line("routes4"));
  const routes6 = document(line("routes6"));
  const contact = line("contact");
  const networkd = line("networkd");
  if (addresses === null || routes4 === null || routes6 === null) return null;
  return {
    contact: contact === "-" ? null : plainAddress(contact),
    networkd: networkd === "none" ? null : z.coerce.number().int().parse(networkd.split(/[.~-]/)[0]),
    interfaces: interfacesSchema.parse(addresses).flatMap((found) => {
      if (found.ifname === undefined) return [];
      const kind = found.linkinfo?.info_kind ?? null;
      return [
        {
          name: found.ifname,
          loopback: found.link_type === "loopback",
          kind: kind === null || pluggedIn.includes(kind) ? null : kind,
          hardwareAddress: found.link_type === "ether" ? (found.address ?? null) : null,
          addresses: (found.addr_info ?? []).flat(),
        },
      ];
    }),
    defaults: [...defaultRoutes("inet", routes4), ...defaultRoutes("inet6", routes6)],
  };
}

/** sshd writes IPv4 over a socket for both as `::ffff:192.0.2.1`, and link-local addresses with their interface. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

function defaultRoutes(family: DefaultRoute["family"], routes: unknown): DefaultRoute[] {
  return routesSchema
    .parse(routes)
    .filter(({ dst, type }) => dst === "default" && (type === undefined || type === "unicast"))
    .map(({ dev }) => ({ family, device: dev ?? null }));
}

function document(line: string): unknown {
  const [state, base64] = line.split(" ");
  if (state === "absent") return null;
  if (state !== "present") throw new Error(`the machine's report holds an unknown state "${state}"`);
  return JSON.parse(Buffer.from(base64 ?? "", "base64").toString("utf8"));
}
