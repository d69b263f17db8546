import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll } from "vitest";
import { mockedHostKey } from "./open-ssh-key.ts";

/** Where a program under test may remember what it likes. */
export const cacheRoot = mkdtempSync(path.join(tmpdir(), "fleet-components-"));
// A worker of the test runner is ended without its exit handlers. A program may still be writing: what comes between is removed again.
afterAll(() => rm(cacheRoot, { recursive: true, force: true, maxRetries: 10 }));

/** A resource as the program registered it. */
interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Options a resource was given, as the engine would see them. */
interface RegisteredOptions {
  readonly protect: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean | undefined;
  /** Id of what is imported instead of made. */
  readonly imported: unknown;
  readonly retained: boolean | undefined;
  readonly aliases: readonly unknown[];
  readonly parent: string | undefined;
  readonly dependsOn: readonly string[];
}

/** Everything a program did under `recordProgram`. */
export interface Recording {
  readonly resources: readonly Registered[];
  resource(name: string, type?: string): Registered;
  options(name: string, type?: string): RegisteredOptions;
}

const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHyAV7q8cvQ6Bhn5tsDdYiGqZ1pSnOxhEhWdDbBeJZ1a";

/** The mesh's key is derived from host keys, so these have their real form. */
function privateKeyOf(name: string): string {
  return name.endsWith("-host-key") ? mockedHostKey(name) : `private key of ${name}`;
}

/** Outputs the providers would compute. An unknown type is an error: nothing may slip in unnoticed. */
export function outputsOf(
  args: Pick<pulumi.runtime.MockResourceArgs, "type" | "name" | "inputs">,
): Record<string, unknown> {
  switch (args.type) {
    case "tls:index/privateKey:PrivateKey":
      return { publicKeyOpenssh: `${ed25519}\n`, privateKeyOpenssh: privateKeyOf(args.name) };
    case "hcloud:index/sshKey:SshKey":
    case "hcloud:index/firewall:Firewall":
    case "hcloud:index/network:Network":
    case "hcloud:index/networkSubnet:NetworkSubnet":
    case "hcloud:index/serverNetwork:ServerNetwork":
    case "hcloud:index/placementGroup:PlacementGroup":
    case "hcloud:index/volumeAttachment:VolumeAttachment":
    case "hcloud:index/rdns:Rdns":
    case "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork":
    case "hcloud:index/loadBalancerService:LoadBalancerService":
    case "hcloud:index/loadBalancerTarget:LoadBalancerTarget":
      return {};
    case "hcloud:index/loadBalancer:LoadBalancer":
      return { ipv4: "198.51.100.99", ipv6: "2001:db8:99::1" };
    case "hcloud:index/volume:Volume":
      return { linuxDevice: `/dev/disk/by-id/of-${args.name}` };
    case "hcloud:index/server:Server":
      return { ipv4Address: "198.51.100.77", ipv6Address: "" };
    case "hcloud:index/primaryIp:PrimaryIp":
      return { ipAddress: args.inputs["type"] === "ipv4" ? "198.51.100.10" : "2001:db8:10::" };
    case "scaleway:iam/sshKey:SshKey":
    case "scaleway:instance/securityGroup:SecurityGroup":
    case "scaleway:instance/ipReverseDns:IpReverseDns":
    case "scaleway:instance/placementGroup:PlacementGroup":
    case "scaleway:instance/privateNic:PrivateNic":
    case "scaleway:ipam/ip:Ip":
    case "scaleway:ipam/ipReverseDns:IpReverseDns":
    case "scaleway:network/privateNetwork:PrivateNetwork":
    case "scaleway:block/volume:Volume":
      return {};
    case "scaleway:instance/ip:Ip":
      return { address: args.inputs["type"] === "routed_ipv4" ? "198.51.100.10" : "2001:db8:10::" };
    case "scaleway:instance/server:Server":
      return {
        publicIps: [
          { family: "inet", address: "198.51.100.10" },
          { family: "inet6", address: "2001:db8:10:0:dc00:ff:fe01:203" },
        ],
      };
    case "command:local:Command":
      return { stdout: stdoutOf(args) };
    default:
      throw new Error(`the mock engine knows no resource type ${args.type}`);
  }
}

function stdoutOf(args: Pick<pulumi.runtime.MockResourceArgs, "name" | "inputs">): string {
  if (args.name.startsWith("gate-")) {
    const { wave, key } = JSON.parse(args.inputs["stdin"].value);
    return JSON.stringify({ wave, key, hosts: 1, looks: 1, seconds: 1 });
  }
  const installed = {
    outcome: "installed",
    installId: "i1",
    system: "/nix/store/x",
    bootId: "b",
    seconds: 1,
  };
  const deployed = {
    outcome: "deployed",
    system: "/nix/store/x",
    previousSystem: null,
    rebootNeeded: false,
    rebooted: false,
    generation: 1,
    seconds: 1,
  };
  if (args.name.endsWith("host-key-scan")) return JSON.stringify({ host: "web", publicKey: ed25519 });
  return JSON.stringify({ host: "web", ...(args.name.endsWith("install-run") ? installed : deployed) });
}

/** Inputs as the engine sends them back. To mocks an unknown secret comes as one without value, which Pulumi's own code does not read. */
function sentBack(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, withUnknowns(value)]));
}

function withUnknowns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknowns);
  if (typeof value !== "object" || value === null) return value;
  const { specialSigKey, specialSecretSig, unknownValue } = pulumi.runtime;
  const isSecret = Object.entries(value).some(
    ([key, word]) => key === specialSigKey && word === specialSecretSig,
  );
  if (isSecret && (!("value" in value) || value.value === undefined))
    return { ...value, value: unknownValue };
  return sentBack({ ...value });
}

/** Numeric, as Hetzner's are: inputs elsewhere turn them into numbers. */
let lastId = 0;

/** Runs a program against a mock engine and records what it registered. `preview`: ids and computed outputs are unknown. */
export async function recordProgram(
  program: () => void | Promise<void>,
  preview = false,
): Promise<Recording> {
  const resources: Registered[] = [];
  const given = new Map<string, pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        if (/^(nixos:|pulumi:pulumi:Stack$)/.test(args.type))
          return { id: undefined, state: sentBack(args.inputs) };
        resources.push({ type: args.type, name: args.name, inputs: args.inputs });
        lastId += 1;
        return { id: String(lastId), state: { ...sentBack(args.inputs), ...outputsOf(args) } };
      },
      call: (args) => {
        throw new Error(`the mock engine knows no function ${args.token}`);
      },
    },
    "pulumi-nixos",
    "test",
    preview,
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation((args) => {
      given.set(`${args.type}::${args.name}`, args.opts);
      return undefined;
    });
    await program();
  });
  await pulumi.runtime.disconnect();
  const options = new Map<string, RegisteredOptions>();
  for (const [key, opts] of given) options.set(key, await describeOptions(opts));
  return recording(resources, options);
}

async function describeOptions(
  opts: pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions,
): Promise<RegisteredOptions> {
  const awaited = await new Promise<unknown>((resolve) => {
    pulumi.output(opts.dependsOn).apply(resolve);
  });
  const dependsOn: unknown[] = Array.isArray(awaited) ? awaited : [awaited].filter(Boolean);
  return {
    protect: opts.protect,
    ignoreChanges: opts.ignoreChanges ?? [],
    replaceOnChanges: opts.replaceOnChanges ?? [],
    deleteBeforeReplace: opts.deleteBeforeReplace,
    imported: opts.import,
    retained: opts.retainOnDelete,
    aliases: opts.aliases ?? [],
    parent: nameOf(opts.parent),
    dependsOn: dependsOn.map((resource) => nameOf(resource) ?? "?"),
  };
}

function nameOf(resource: unknown): string | undefined {
  if (typeof resource !== "object" || resource === null || !("__name" in resource)) return undefined;
  return String(resource.__name);
}

function recording(
  resources: readonly Registered[],
  options: ReadonlyMap<string, RegisteredOptions>,
): Recording {
  return {
    resources,
    resource: (name, type = "") => {
      const [found, second] = resources.filter((entry) => entry.name === name && entry.type.includes(type));
      if (found === undefined || second !== undefined)
        throw new Error(`not exactly one resource ${name} ${type}`);
      return found;
    },
    options: (name, type = "") => {
      const [found, second] = [...options].filter(([key]) => key.endsWith(`::${name}`) && key.includes(type));
      if (found === undefined || second !== undefined)
        throw new Error(`not exactly one resource ${name} ${type}`);
      return found[1];
    },
  };
}
