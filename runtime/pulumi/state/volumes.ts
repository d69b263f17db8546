import { resourcesIn } from "./resources.ts";

/** Sizes in GB of Scaleway's volumes in what `pulumi stack export` prints, by resource name. */
export function scalewayVolumeSizes(exported: string): ReadonlyMap<string, number> {
  return new Map(
    resourcesIn(exported).flatMap(({ name, type, inputs }) => {
      const size = inputs["sizeInGb"];
      return type === "scaleway:block/volume:Volume" && typeof size === "number"
        ? [[name, size] as const]
        : [];
    }),
  );
}
