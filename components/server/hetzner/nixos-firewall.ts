import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { OpenPorts } from "../../../model/firewall/open-ports.ts";
import { portsInCloud } from "../../../model/inventory/ports.ts";
import type { HostNames } from "../../../model/naming/host-names.ts";
import { parts } from "../../../model/naming/resource-names.ts";
import type { HostSystem, SystemTraits } from "../../../model/protocol/connection.ts";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { outputValue } from "../../shared/output-value.ts";
import { unknownValue } from "../../shared/pulumi-internals.ts";
import type { Server } from "../server.ts";
import { type FirewallOpenings, hetznerFirewallRules, imagePort } from "./firewall-rules.ts";

/** The API's limit for one firewall. */
const mostRules = 50;

/** Arguments of `hetznerOpenPorts`. */
export interface OpenPortsArgs {
  readonly server: Server;
  readonly system: pulumi.Output<HostSystem>;
  /** What has to be done by then, in addition to the server. */
  readonly after: readonly pulumi.Resource[];
  /** What the server's first firewall lets in. */
  readonly openings: FirewallOpenings;
  /** Interface of the host that faces the internet; null: unknown. */
  readonly publicInterface: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A second firewall of a server, for what its NixOS configuration opens. The server waits for the first one, and the configuration may
 * not be evaluated before there is a server. It holds all rules of the first one too, and is replaced when its rules change: the new one
 * is there before the deployment, and Pulumi removes the old one when everything else has succeeded. So a port is open as long as the
 * old system or the new one may need it.
 */
export function hetznerOpenPorts(
  names: HostNames,
  args: OpenPortsArgs,
  opts: { readonly parent: pulumi.Resource },
): hcloud.Firewall {
  const { name, aliases } = names.of(parts.nixosFirewall);
  return new hcloud.Firewall(
    name,
    {
      // No name: two of them are there for a while, and names belong to one.
      labels: args.labels,
      rules: args.system.apply(({ traits }) => rulesOf(names.host, traits, args, opts.parent)),
      applyTos: [{ server: idOf(args.server) }],
    },
    {
      ...opts,
      dependsOn: [...args.server.ready, ...args.after],
      replaceOnChanges: ["rules", "applyTos"],
      deleteBeforeReplace: false,
      aliases,
    },
  );
}

/**
 * The server's id, on which nothing hangs by it: Pulumi would remove this firewall before it replaces the server, and leave it away if
 * the update then fails. As it is, the new server gets a new one.
 */
function idOf({ serverId }: Server): pulumi.Output<number> {
  const id = outputValue(serverId).then((server) =>
    server.known ? Number(server.value) : unknownValue<number>(),
  );
  return pulumi.output(id);
}

function rulesOf(
  host: string,
  traits: SystemTraits | null,
  args: OpenPortsArgs,
  resource: pulumi.Resource,
): hcloud.types.input.FirewallRule[] {
  // Only a preview goes on with a system that was not evaluated.
  if (traits === null) return unknownValue();
  if (!traits.openPorts.enable)
    void pulumi.log.warn(
      `${host}: networking.firewall is off: cannot determine which ports its configuration opens. The cloud's firewall opens those that firewall.tcp and firewall.udp name`,
      resource,
    );
  try {
    return openPortRules(host, traits.openPorts, args);
  } catch (error) {
    if (error instanceof StepError) throw new pulumi.ResourceError(error.message, resource, true);
    throw error;
  }
}

/** @throws StepError for more rules than a firewall can have @internal */
export function openPortRules(
  host: string,
  opened: OpenPorts,
  { openings, publicInterface }: Pick<OpenPortsArgs, "openings" | "publicInterface">,
): hcloud.types.input.FirewallRule[] {
  const named = { tcp: openings.tcp, udp: openings.udp };
  const wanted = { named, publicInterface, ssh: [...openings.sshPorts, imagePort] };
  const rules = hetznerFirewallRules({ ...openings, ...portsInCloud(opened, wanted) });
  if (rules.length <= mostRules) return rules;
  throw new StepError({
    host,
    step: "opening ports",
    seen: `its configuration opens ports in so many ranges that ${rules.length} rules are needed, and a firewall at Hetzner has ${mostRules}`,
    next: "Merge them into fewer ranges (networking.firewall.allowedTCPPortRanges), or name the ports in firewall.tcp and firewall.udp and leave fromNixos out.",
  });
}
