import { isDeepStrictEqual } from "node:util";
import { noPublication, type Publication } from "../../model/protocol/binary-cache.ts";
import { type PublishOptions, publish } from "../nix/store/push-to-cache.ts";
import { StepError } from "../platform/step-error.ts";
import { formatBuildLocation } from "./build-location.ts";
import type { Builder } from "./builder.ts";

/**
 * Makes sure that what is to be signed and pushed is built locally: a key and a cache's credentials belong to the operator, and are not
 * sent to other machines.
 * @throws StepError step "binary cache"
 */
export function checkPublication(host: string, cache: Publication, { place }: Pick<Builder, "place">): void {
  if (place.kind === "local" || isDeepStrictEqual(cache, noPublication)) return;
  throw new StepError({
    host,
    step: "binary cache",
    seen: `\`cache\` signs and pushes what is built on this machine, and this is built ${formatBuildLocation(place)}`,
    next: "set `build: { on: local }`, or leave `cache` out for this host",
  });
}

/**
 * Signs and pushes a system that was built on this machine, as far as that is wanted.
 * @throws StepError as `publish` and `checkPublication` do
 */
export async function publishBuilt(
  storePath: string,
  cache: Publication,
  workshop: Pick<Builder, "place">,
  options: PublishOptions,
): Promise<void> {
  checkPublication(options.host, cache, workshop);
  await publish(storePath, cache, options);
}
