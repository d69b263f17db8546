import { z } from "zod";
import type { ScalewayCatalog, ScalewayType } from "../../../model/cloud-catalog/scaleway.ts";
import type { ScalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import { askForTypes } from "./list-types.ts";
import { askScaleway } from "./request.ts";

/** Instance API, `GET /products/servers`. */
const typeAnswer = z.object({ arch: z.string(), end_of_service: z.boolean().default(false) });
/** Marketplace API, `GET /local-images`: an image has an id for each architecture. */
const imagesAnswer = z.object({
  local_images: z.array(z.object({ compatible_commercial_types: z.array(z.string()) })),
});

/**
 * Asks Scaleway what it offers in a zone.
 * @param labels of the stock images that are asked for
 * @param timeoutSeconds deadline of each question with its retries
 * @throws ScalewayError
 */
export async function fetchScalewayCatalog(
  access: ScalewayCredentials,
  {
    zone,
    labels,
    timeoutSeconds,
  }: { readonly zone: string; readonly labels: readonly string[]; readonly timeoutSeconds: number },
): Promise<ScalewayCatalog> {
  const question = {
    what: `types of ${zone}`,
    path: `/instance/v1/zones/${zone}/products/servers`,
    timeoutSeconds,
  };
  const found = await askForTypes(access, question, typeAnswer);
  const types: ScalewayType[] = [...found].map(([name, { arch, end_of_service: ended }]) => ({
    name,
    arch,
    ended,
  }));
  const images = new Map<string, readonly string[]>();
  for (const label of labels) {
    const query = new URLSearchParams({
      image_label: label,
      zone,
      type: "instance_sbs",
      order_by: "type_asc",
    });
    const path = `/marketplace/v2/local-images?${query}`;
    const answer = await askScaleway(access, { what: `image ${label}`, path }, { timeoutSeconds });
    const { local_images: listed } = imagesAnswer.parse(answer.document);
    images.set(
      label,
      listed.flatMap((image) => image.compatible_commercial_types),
    );
  }
  return { types, images };
}
