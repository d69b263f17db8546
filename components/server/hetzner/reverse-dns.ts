import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts } from "../../../model/naming/resource-names.ts";

/** A public address, and the name it leads back to. */
export interface NamedAddress {
  readonly family: "ipv4" | "ipv6";
  readonly ip: hcloud.PrimaryIp;
  /** Of an IPv6 network, the one that the server uses. */
  readonly address: pulumi.Input<string>;
  readonly name: string;
}

/** Whose addresses they are, and what has to be over before they are named. */
interface Named {
  readonly names: HostNames;
  readonly parent: pulumi.Resource;
  readonly after: readonly pulumi.Resource[];
}

/** Gives addresses names in reverse DNS, one after the other. A name belongs to the address: both outlive the server. @returns the names */
export function setReverseDns(
  addresses: readonly NamedAddress[],
  { names, parent, after }: Named,
): readonly hcloud.Rdns[] {
  const done: hcloud.Rdns[] = [];
  let before = after;
  for (const { family, ip, address, name: dnsPtr } of addresses) {
    const { name, aliases } = names.of(parts[`${family}Rdns`]);
    const named = new hcloud.Rdns(
      name,
      { primaryIpId: ip.id.apply(Number), ipAddress: address, dnsPtr },
      { parent, dependsOn: [...before], aliases },
    );
    done.push(named);
    before = [named];
  }
  return done;
}
