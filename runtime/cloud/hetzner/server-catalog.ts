import { z } from "zod";
import type { HetznerCatalog, HetznerType } from "../../../model/cloud-catalog/hetzner.ts";
import type { Limits } from "../../platform/limits.ts";
import { type ApiAccess, HetznerApi } from "./api.ts";
import { deprecationSchema, hasEnded } from "./deprecation.ts";

/** Of docs.hetzner.cloud, Server types: what decides where one can be ordered. */
const typeSchema = z.object({
  name: z.string(),
  architecture: z.string(),
  deprecation: deprecationSchema,
  locations: z.array(z.object({ name: z.string(), deprecation: deprecationSchema })).optional(),
  /** Where it can be paid for: all that older answers say of locations. */
  prices: z.array(z.object({ location: z.string() })),
});
const locationSchema = z.object({ name: z.string() });
const imageSchema = z.object({ name: z.string().nullable(), architecture: z.string() });

/** Asks Hetzner what it offers: locations, server types and stock images. @throws ApiError */
export async function fetchHetznerCatalog(access: ApiAccess, limits: Limits): Promise<HetznerCatalog> {
  const api = new HetznerApi(access);
  const [locations, types, images] = await Promise.all([
    api.list("/locations", "locations", limits),
    api.list("/server_types", "server_types", limits),
    api.list("/images?type=system&include_deprecated=true", "images", limits),
  ]);
  const now = Date.now();
  return {
    locations: z
      .array(locationSchema)
      .parse(locations)
      .map(({ name }) => name),
    types: z
      .array(typeSchema)
      .parse(types)
      .map((type) => typeOf(type, now)),
    images: z
      .array(imageSchema)
      .parse(images)
      .flatMap(({ name, architecture }) => (name === null ? [] : [{ name, architecture }])),
  };
}

function typeOf(type: z.infer<typeof typeSchema>, now: number): HetznerType {
  const { name, architecture } = type;
  const sold = type.prices.map(({ location }) => ({ name: location, deprecation: null }));
  const places = (type.locations ?? sold).filter((place) => !hasEnded(place.deprecation, now));
  return {
    name,
    architecture,
    locations: hasEnded(type.deprecation, now) ? [] : places.map((place) => place.name),
  };
}
