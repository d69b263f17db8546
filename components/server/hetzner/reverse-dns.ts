import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { parts, resourceName } from "../../../model/naming/resource-names.ts";
import { hostAliases } from "../../shared/aliases.ts";

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
  readonly host: string;
  readonly aliases: readonly string[];
  readonly parent: pulumi.Resource;
  readonly after: readonly pulumi.Resource[];
}

/** Gives addresses names in reverse DNS, one after the other. A name belongs to the address: both outlive the server. @returns the names */
export function setReverseDns(
  addresses: readonly NamedAddress[],
  { host, aliases, parent, after }: Named,
): readonly hcloud.Rdns[] {
  const done: hcloud.Rdns[] = [];
  let before = after;
  for (const { family, ip, address, name } of addresses) {
    const part = parts[`${family}Name`];
    const named = new hcloud.Rdns(
      resourceName(host, part),
      { primaryIpId: ip.id.apply(Number), ipAddress: address, dnsPtr: name },
      { parent, dependsOn: [...before], aliases: hostAliases(aliases, part) },
    );
    done.push(named);
    before = [named];
  }
  return done;
}
