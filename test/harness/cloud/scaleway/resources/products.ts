/** What there is to buy: server types of a zone, and images in the marketplace. */
import { z } from "zod";
import { images, localImageView, serverTypes, serverTypeView } from "../catalog.ts";
import { notFound } from "../errors.ts";
import type { Project } from "../project.ts";
import { pageOf, pageQuery, plainRoute, type Route, readRoute } from "../route.ts";

export function productRoutes(project: Project): Route[] {
  return [
    readRoute("/instance/v1/zones/:zone/products/servers", pageQuery, ({ query }) => {
      const page = pageOf(serverTypes, query);
      const servers = Object.fromEntries(page.map((type) => [type.name, serverTypeView(type)]));
      return { status: 200, body: { servers }, total: serverTypes.length };
    }),
    readRoute("/instance/v1/zones/:zone/products/servers/availability", pageQuery, ({ query, zone }) => {
      const isSoldOut = (type: string) =>
        project.options.soldOut.some((entry) => entry.type === type && entry.zone === zone);
      const servers = pageOf(serverTypes, query).map(({ name }) => [
        name,
        { availability: isSoldOut(name) ? "shortage" : "available" },
      ]);
      return { status: 200, body: { servers: Object.fromEntries(servers) }, total: serverTypes.length };
    }),
    readRoute(
      "/marketplace/v2/local-images",
      z.strictObject({
        image_label: z.string(),
        zone: z.string(),
        type: z.enum(["instance_sbs", "instance_local"]),
        order_by: z.literal("type_asc"),
      }),
      ({ query }) => {
        const found = images.filter(({ label, zone }) => label === query.image_label && zone === query.zone);
        // Stock images for local disks exist as well in the real cloud; none of our servers has such a disk.
        const listed = query.type === "instance_sbs" ? found.map(localImageView) : [];
        return { status: 200, body: { local_images: listed, total_count: listed.length } };
      },
    ),
    plainRoute("GET", "/marketplace/v2/local-images/:id", ({ id }) => {
      const image = images.find((candidate) => candidate.id === id);
      if (image === undefined) throw notFound("local_image", id);
      return { status: 200, body: localImageView(image) };
    }),
  ];
}
