import { type Choice, choiceSchema } from "../../../model/cloud-catalog/choice.ts";
import { resourcesIn } from "./resources.ts";

/**
 * What the servers in what `pulumi stack export` prints were made with, by resource name, but for those that a replacement is about to remove.
 */
export function serversOf(exported: string): ReadonlyMap<string, Choice> {
  const servers = new Map<string, Choice>();
  for (const { name, type, inputs } of resourcesIn(exported)) {
    const choice = choiceSchema.safeParse(choiceIn(type, inputs));
    if (choice.success) servers.set(name, choice.data);
  }
  return servers;
}

/** The inputs of the providers' own resources. */
function choiceIn(type: string, inputs: Readonly<Record<string, unknown>>): object | undefined {
  switch (type) {
    case "hcloud:index/server:Server":
      return {
        provider: "hetzner",
        locations: [inputs["location"]],
        serverType: inputs["serverType"],
        image: inputs["image"],
      };
    case "scaleway:instance/server:Server":
      return {
        provider: "scaleway",
        zones: [inputs["zone"]],
        instanceType: inputs["type"],
        image: inputs["image"],
      };
    default:
      return undefined;
  }
}
