import { z } from "zod";
import type { ScalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import { askForTypes } from "./list-types.ts";

/** Instance API, `GET /products/servers/availability` (scaleway-sdk-go, `ServerTypesAvailability`). */
const stockAnswer = z.object({ availability: z.enum(["available", "scarce", "shortage"]) });

/**
 * Asks Scaleway in which zones each type of instance can be ordered at this moment, by its name.
 * @param timeoutSeconds deadline of each zone, with its retries
 * @throws ScalewayError
 */
export async function scalewayAvailability(
  access: ScalewayCredentials,
  zones: readonly string[],
  { timeoutSeconds }: { readonly timeoutSeconds: number },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await Promise.all(
    zones.map(async (zone) => {
      const path = `/instance/v1/zones/${zone}/products/servers/availability`;
      const types = await askForTypes(
        access,
        { what: `stock of ${zone}`, path, timeoutSeconds },
        stockAnswer,
      );
      return [...types]
        .filter(([, { availability }]) => availability !== "shortage")
        .map(([name]) => [name, zone] as const);
    }),
  );
  const places = new Map<string, string[]>();
  for (const [name, zone] of found.flat()) places.set(name, [...(places.get(name) ?? []), zone]);
  return places;
}
