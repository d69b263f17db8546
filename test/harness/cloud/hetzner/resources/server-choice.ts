/** Finding what a request names: server types, images, locations, keys; by id or name. */
import { type Image, images } from "../catalog/images.ts";
import { type Location, locations } from "../catalog/locations.ts";
import { type Architecture, type ServerType, serverTypes } from "../catalog/server-types.ts";
import { ApiError, invalidInput, unavailable } from "../errors.ts";
import type { Project } from "../project.ts";
import type { SshKeyRecord } from "../state.ts";

type Reference = string | number;

function isCalled(item: { readonly id: number; readonly name: string }, reference: Reference): boolean {
  return item.name === reference || String(item.id) === String(reference);
}

export function findServerType(reference: Reference): ServerType {
  const type = serverTypes.find((candidate) => isCalled(candidate, reference));
  if (type === undefined) {
    throw invalidInput("server_type", `server type ${reference} not found`);
  }
  return type;
}

/** A name alone is ambiguous: it is looked up for the architecture. An id of another one is refused. */
export function findImage(reference: Reference, architecture: Architecture): Image {
  const named = images.filter((candidate) => isCalled(candidate, reference));
  if (named.length === 0) {
    throw invalidInput("image", `image ${reference} not found`);
  }
  const image = named.find((candidate) => candidate.architecture === architecture);
  if (image === undefined) {
    throw invalidInput("image", `image ${reference} does not fit architecture ${architecture}`);
  }
  return image;
}

/**
 * Where a new server goes. Throws 422 if the type is not offered there, 412 if it is sold out.
 * Without a wish it is the first location that has the type.
 */
export function chooseLocation(
  project: Project,
  type: ServerType,
  reference: Reference | undefined,
): Location {
  const soldOut = (location: Location): boolean =>
    project.options.soldOut.some((each) => each.serverType === type.name && each.location === location.name);
  if (reference === undefined) {
    const free = locations.find(
      (candidate) => type.locations.includes(candidate.name) && !soldOut(candidate),
    );
    if (free === undefined) {
      throw unavailable(`error during placement: server type ${type.name} is sold out`);
    }
    return free;
  }
  const location = locations.find((candidate) => isCalled(candidate, reference));
  if (location === undefined) {
    throw invalidInput("location", `location ${reference} not found`);
  }
  if (!type.locations.includes(location.name)) {
    throw new ApiError(
      422,
      "invalid_input",
      `unsupported location for server type ${type.name}: ${location.name}`,
      {
        fields: [
          { name: "location", messages: [`server type ${type.name} is not offered in ${location.name}`] },
        ],
      },
    );
  }
  if (soldOut(location)) {
    throw unavailable(`error during placement: server type ${type.name} unavailable in ${location.name}`);
  }
  return location;
}

export function findSshKeys(project: Project, references: readonly Reference[]): SshKeyRecord[] {
  return references.map((reference) => {
    const key = [...project.state.ssh_keys.values()].find((candidate) => isCalled(candidate, reference));
    if (key === undefined) {
      throw invalidInput("ssh_keys", `SSH key ${reference} not found`);
    }
    return key;
  });
}
