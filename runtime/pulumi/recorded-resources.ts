import { z } from "zod";
import { type Choice, choiceSchema } from "../../model/cloud-catalog/choice.ts";
import { typeTokens } from "../../model/naming/resource-names.ts";
import type { StateResource } from "./state-resources.ts";

/** What an install in the state was run for. */
export interface RecordedInstall {
  readonly serverId: string;
  /** null: there was no token. */
  readonly reinstall: string | null;
}

const installTriggersSchema = z.tuple([z.string(), z.string()]);
const deployTriggersSchema = z.tuple([
  z.string().startsWith("/nix/store/"),
  z.string(),
  z.string(),
  z.string(),
]);

/** What a server was created with. */
export function serverChoice({ type, inputs }: StateResource): Choice | undefined {
  const { image, location, serverType, zone } = inputs;
  if (type === "hcloud:index/server:Server")
    return choiceSchema.safeParse({ provider: "hetzner", locations: [location], serverType, image }).data;
  if (type === "scaleway:instance/server:Server")
    return choiceSchema.safeParse({
      provider: "scaleway",
      zones: [zone],
      instanceType: inputs["type"],
      image,
    }).data;
  return undefined;
}

/** By type of the providers' own resources: the input that says where it is. */
const locationInputs: Readonly<Record<string, string>> = {
  "hcloud:index/server:Server": "location",
  "hcloud:index/primaryIp:PrimaryIp": "location",
  "scaleway:instance/server:Server": "zone",
  "scaleway:instance/ip:Ip": "zone",
};

/** Location or zone of a server or a public address. */
export function location({ type, inputs }: StateResource): string | undefined {
  const input = locationInputs[type];
  return input === undefined ? undefined : z.string().safeParse(inputs[input]).data;
}

export function installRun(resource: StateResource): RecordedInstall | undefined {
  const triggers = installTriggersSchema.safeParse(commandTriggers(resource));
  if (!triggers.success) return undefined;
  const [serverId, reinstall] = triggers.data;
  return { serverId, reinstall: reinstall === "" ? null : reinstall };
}

/** Store path of the system that a deployment was for. */
export function deployedSystem(resource: StateResource): string | undefined {
  return deployTriggersSchema.safeParse(commandTriggers(resource)).data?.[0];
}

/** What makes Pulumi run one of our commands again when it changes (`model/protocol/triggers.ts`). */
function commandTriggers(resource: StateResource): unknown {
  return isCommand(resource) ? resource.inputs["triggers"] : undefined;
}

export function isCommand({ type }: StateResource): true | undefined {
  return type === "command:local:Command" ? true : undefined;
}

/** Whether a deployment could not reach its host. */
export function isPending({ type, outputs }: StateResource): boolean | undefined {
  return type === typeTokens.nixosDeployment ? outputs["outcome"] === "pending" : undefined;
}

/** Size in GB. */
export function volumeSize({ type, inputs }: StateResource): number | undefined {
  return type === "scaleway:block/volume:Volume" ? z.number().safeParse(inputs["sizeInGb"]).data : undefined;
}
