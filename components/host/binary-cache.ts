import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../fleet/inventory/inventory.ts";
import type { Publication } from "../../fleet/protocol/binary-cache.ts";
import type { Secrets } from "../shared/secrets.ts";

/** How a host's system is signed and pushed, with the key in place of its name. */
export function publicationInput(
  { publication: { push, signingKey } }: Pick<InventoryHost, "publication">,
  secrets: Secrets,
): pulumi.Input<Publication> {
  return pulumi.output({ push, signingKey: signingKey === null ? null : secrets.value(signingKey) });
}
