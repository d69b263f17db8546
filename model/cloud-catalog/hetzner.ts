import { suggestion } from "../errors/config-error.ts";
import { type HetznerChoice, isAtOneOf } from "./choice.ts";
import { type InvalidChoice, listOf } from "./invalid-choice.ts";

/** A server type, and the locations where a server of it can be ordered. */
export interface HetznerType {
  readonly name: string;
  /** `x86` or `arm`. */
  readonly architecture: string;
  readonly locations: readonly string[];
}

/** What Hetzner offers to a project. */
export interface HetznerCatalog {
  readonly locations: readonly string[];
  readonly types: readonly HetznerType[];
  readonly images: readonly { readonly name: string; readonly architecture: string }[];
}

/**
 * What of a host's choice Hetzner does not offer.
 * @param before what its server was created with; undefined: there is none yet
 */
export function validateHetznerChoice(
  choice: HetznerChoice,
  offers: HetznerCatalog,
  before?: HetznerChoice,
): InvalidChoice[] {
  const wrong: InvalidChoice[] = [];
  const { locations, serverType } = choice;
  for (const location of locations.filter((each) => !offers.locations.includes(each)))
    wrong.push({
      setting: locations.length === 1 ? "location" : "locations",
      reason: `Hetzner has no location "${location}"${suggestion(location, offers.locations)}`,
    });
  const type = offers.types.find(({ name }) => name === serverType);
  if (type === undefined) {
    const names = offers.types.filter((each) => each.locations.length > 0).map(({ name }) => name);
    const reason = `Hetzner has no server type "${serverType}"${suggestion(serverType, names)}`;
    return [...wrong, { setting: "serverType", reason }];
  }
  for (const location of locations.filter((each) => offers.locations.includes(each)))
    if (!type.locations.includes(location))
      wrong.push({ setting: "serverType", reason: elsewhere(type, location, offers) });
  // Another place makes another server, on which no disk remains.
  const stays = before !== undefined && isAtOneOf(before, locations);
  if (!stays) return [...wrong, ...wrongImage(choice, type, offers)];
  const old = offers.types.find(({ name }) => name === before.serverType);
  if (old !== undefined && old.architecture !== type.architecture)
    wrong.push({
      setting: "serverType",
      reason: `"${serverType}" is ${type.architecture}, and the server is a "${old.name}", which is ${old.architecture}: what is on its disk would not run`,
    });
  return wrong;
}

function elsewhere(type: HetznerType, location: string, offers: HetznerCatalog): string {
  const { name, architecture, locations } = type;
  if (locations.length === 0) return `Hetzner has stopped offering "${name}"`;
  const there = offers.types
    .filter((each) => each.architecture === architecture && each.locations.includes(location))
    .map((each) => each.name);
  const instead = there.length === 0 ? "" : `; of ${architecture}, ${location} has ${listOf(there)}`;
  return `"${name}" is not offered in ${location}, but in ${listOf(locations)}${instead}`;
}

function wrongImage(
  choice: HetznerChoice,
  { name, architecture }: HetznerType,
  offers: HetznerCatalog,
): InvalidChoice[] {
  const { image } = choice;
  const fitting = offers.images.filter((each) => each.architecture === architecture).map((each) => each.name);
  if (fitting.includes(image)) return [];
  const others = offers.images.filter((each) => each.name === image).map((each) => each.architecture);
  const there = suggestion(image, fitting);
  if (others.length === 0) return [{ setting: "image", reason: `Hetzner has no image "${image}"${there}` }];
  return [
    {
      setting: "image",
      reason: `Hetzner has "${image}" for ${listOf(others)} only, and "${name}" is ${architecture}${there}`,
    },
  ];
}
