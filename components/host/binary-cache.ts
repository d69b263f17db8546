import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { Publication } from "../../model/protocol/binary-cache.ts";
import type { Secrets } from "../shared/secrets.ts";

/** How a host's system is signed and pushed, with the key in place of its name. */
export function publicationInput(
  { publication: { push, signingKey } }: Pick<InventoryHost, "publication">,
  secrets: Secrets,
): pulumi.Input<Publication> {
  return pulumi.output({ push, signingKey: signingKey === null ? null : secrets.value(signingKey) });
}
