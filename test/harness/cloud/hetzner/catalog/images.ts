/** System images of Hetzner Cloud, per architecture. Test machines can boot all but the deprecated one. */
import type { Architecture } from "./server-types.ts";

export interface Image {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly flavor: "debian" | "ubuntu";
  readonly version: string;
  readonly architecture: Architecture;
  /** RFC 3339. */
  readonly created: string;
  /** RFC 3339, or null while it is not deprecated. */
  readonly deprecated: string | null;
}

type Release = Pick<Image, "name" | "description" | "flavor" | "version" | "created" | "deprecated">;

function release(
  flavor: Image["flavor"],
  version: string,
  created: string,
  deprecated: string | null = null,
): Release {
  const title = flavor === "debian" ? "Debian" : "Ubuntu";
  return {
    name: `${flavor}-${version}`,
    description: `${title} ${version}`,
    flavor,
    version,
    created: `${created}T00:00:00+00:00`,
    deprecated: deprecated === null ? null : `${deprecated}T00:00:00+00:00`,
  };
}

const debian11 = release("debian", "11", "2021-08-16", "2026-08-31");
const debian12 = release("debian", "12", "2023-06-13");
const debian13 = release("debian", "13", "2025-08-11");
const ubuntu2204 = release("ubuntu", "22.04", "2022-04-21");
const ubuntu2404 = release("ubuntu", "24.04", "2024-04-25");
const ubuntu2604 = release("ubuntu", "26.04", "2026-04-23");

export const images: readonly Image[] = [
  { id: 45_557_056, architecture: "x86", ...debian11 },
  { id: 114_690_387, architecture: "x86", ...debian12 },
  { id: 310_557_660, architecture: "x86", ...debian13 },
  { id: 67_794_396, architecture: "x86", ...ubuntu2204 },
  { id: 161_547_269, architecture: "x86", ...ubuntu2404 },
  { id: 391_204_511, architecture: "x86", ...ubuntu2604 },
  { id: 103_907_373, architecture: "arm", ...debian11 },
  { id: 114_690_389, architecture: "arm", ...debian12 },
  { id: 310_557_661, architecture: "arm", ...debian13 },
  { id: 103_908_130, architecture: "arm", ...ubuntu2204 },
  { id: 161_547_270, architecture: "arm", ...ubuntu2404 },
  { id: 391_204_512, architecture: "arm", ...ubuntu2604 },
];

/** An image as the API shows it. */
export function imageView(image: Image): object {
  return {
    id: image.id,
    type: "system",
    status: "available",
    name: image.name,
    description: image.description,
    image_size: null,
    disk_size: 5,
    created: image.created,
    created_from: null,
    bound_to: null,
    os_flavor: image.flavor,
    os_version: image.version,
    architecture: image.architecture,
    rapid_deploy: true,
    protection: { delete: false },
    deprecated: image.deprecated,
    deleted: null,
    labels: {},
  };
}
