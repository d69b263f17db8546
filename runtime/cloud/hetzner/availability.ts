import { z } from "zod";
import type { Limits } from "../../platform/limits.ts";
import { type ApiAccess, HetznerApi } from "./api.ts";

/** Of docs.hetzner.cloud, Server types (`locations[].available` since April 2026): where one can be ordered at this moment. */
const typeSchema = z.object({
  name: z.string(),
  locations: z.array(z.object({ name: z.string(), available: z.boolean().optional() })).optional(),
});

/**
 * Asks Hetzner where each server type can be ordered at this moment, by its name. A location that does not say is taken for one that has it.
 * @throws ApiError
 */
export async function hetznerAvailability(
  access: ApiAccess,
  limits: Limits,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const types = z
    .array(typeSchema)
    .parse(await new HetznerApi(access).list("/server_types", "server_types", limits));
  return new Map(
    types.flatMap(({ name, locations }) =>
      locations === undefined
        ? []
        : [
            [
              name,
              locations.filter(({ available }) => available !== false).map((place) => place.name),
            ] as const,
          ],
    ),
  );
}
