import { suggestion } from "../errors/config-error.ts";
import { isAtOneOf, type ScalewayChoice, scalewayImageLabels } from "./choice.ts";
import { type InvalidChoice, listOf } from "./invalid-choice.ts";

/** A commercial type of a zone. */
export interface ScalewayType {
  readonly name: string;
  /** `x86_64` or `arm64`. */
  readonly arch: string;
  /** No more of it can be had. */
  readonly ended: boolean;
}

/** What Scaleway offers in one zone. */
export interface ScalewayCatalog {
  readonly types: readonly ScalewayType[];
  /** Stock images for block volumes by label: the types that each boots on. */
  readonly images: ReadonlyMap<string, readonly string[]>;
}

/**
 * What of a host's choice one of its zones does not offer.
 * @param offers of the zone, with the images that hosts there ask for
 * @param before what its server was created with; undefined: there is none yet
 */
export function validateScalewayChoice(
  choice: ScalewayChoice,
  zone: string,
  offers: ScalewayCatalog,
  before?: ScalewayChoice,
): InvalidChoice[] {
  const { instanceType } = choice;
  const type = offers.types.find(({ name }) => name === instanceType);
  const names = offers.types.filter(({ ended }) => !ended).map(({ name }) => name);
  if (type === undefined || type.ended) {
    const what = type === undefined ? "has no instance type" : "has stopped offering";
    return [
      {
        setting: "instanceType",
        reason: `Scaleway ${what} "${instanceType}" in ${zone}${suggestion(instanceType, names)}`,
      },
    ];
  }
  const stays = before !== undefined && isAtOneOf(before, choice.zones);
  if (!stays) return wrongImage(choice, zone, type, offers);
  const old = offers.types.find(({ name }) => name === before.instanceType);
  if (old === undefined || old.arch === type.arch) return [];
  const reason = `"${instanceType}" is ${type.arch}, and the instance is a "${old.name}", which is ${old.arch}: what is on its disk would not run`;
  return [{ setting: "instanceType", reason }];
}

function wrongImage(
  { image }: ScalewayChoice,
  zone: string,
  { name, arch }: ScalewayType,
  { images }: ScalewayCatalog,
): InvalidChoice[] {
  const bootsOn = images.get(image) ?? [];
  if (bootsOn.includes(name)) return [];
  const ours = Object.entries(scalewayImageLabels).find(([, label]) => label === image)?.[0] ?? image;
  if (bootsOn.length === 0)
    return [{ setting: "image", reason: `Scaleway has no image "${ours}" for block volumes in ${zone}` }];
  return [
    {
      setting: "image",
      reason: `Scaleway's "${ours}" does not boot on "${name}" (${arch}) in ${zone}; it does on ${listOf(bootsOn)}`,
    },
  ];
}
