/** What the cloud offers: `/locations`, `/server_types`, `/load_balancer_types`, `/images`; read only. */
import { type Image, images, imageView } from "../catalog/images.ts";
import { loadBalancerTypes, loadBalancerTypeView } from "../catalog/load-balancer-types.ts";
import { locations } from "../catalog/locations.ts";
import { type ServerType, serverTypes, serverTypeView } from "../catalog/server-types.ts";
import { invalidInput, notFound } from "../errors.ts";
import { type Filter, listPage, oneOf, type Query } from "../listing.ts";
import type { Project } from "../project.ts";
import { listRoute, plainRoute, type Route } from "../route.ts";
import { ok } from "./shared.ts";

interface Offer {
  readonly id: number;
  readonly name: string;
}

function offerRoutes<Item extends Offer>(
  kind: { readonly plural: string; readonly singular: string },
  items: readonly Item[],
  view: (item: Item) => object,
): Route[] {
  const { plural } = kind;
  return [
    listRoute(`/${plural}`, (query) =>
      listPage(items, query, {
        key: plural,
        filters: { name: oneOf((item) => item.name) },
        sort: { id: (item) => item.id, name: (item) => item.name },
        view,
      }),
    ),
    itemRoute(kind, items, view),
  ];
}

function itemRoute<Item extends Offer>(
  { plural, singular }: { readonly plural: string; readonly singular: string },
  items: readonly Item[],
  view: (item: Item) => object,
): Route {
  return plainRoute("GET", `/${plural}/:id`, ({ id }) => {
    const item = items.find((candidate) => candidate.id === id);
    if (item === undefined) {
      throw notFound(singular, id);
    }
    return ok({ [singular]: view(item) });
  });
}

const everyImage: Filter<Image> = () => true;

const imageFilters: Readonly<Record<string, Filter<Image>>> = {
  name: oneOf((image) => image.name),
  architecture: oneOf((image) => image.architecture),
  type: (_, values) => values.includes("system"),
  status: (_, values) => values.includes("available"),
  bound_to: () => false,
  include_deprecated: everyImage,
};

function listImages(query: Query): object {
  const [deprecated = "false", ...rest] = query.get("include_deprecated") ?? [];
  if (!["true", "false"].includes(deprecated) || rest.length > 0) {
    throw invalidInput("include_deprecated", "must be true or false");
  }
  const offered = images.filter((image) => deprecated === "true" || image.deprecated === null);
  return listPage(offered, query, {
    key: "images",
    filters: imageFilters,
    sort: { id: (image) => image.id, name: (image) => image.name, created: (image) => image.created },
    view: imageView,
  });
}

export function catalogRoutes({ options }: Project): Route[] {
  const typeView = (type: ServerType) =>
    serverTypeView(type, (location) =>
      options.soldOut.some((each) => each.serverType === type.name && each.location === location),
    );
  return [
    ...offerRoutes({ plural: "locations", singular: "location" }, locations, (location) => location),
    ...offerRoutes({ plural: "server_types", singular: "server_type" }, serverTypes, typeView),
    ...offerRoutes(
      { plural: "load_balancer_types", singular: "load_balancer_type" },
      loadBalancerTypes,
      loadBalancerTypeView,
    ),
    listRoute("/images", listImages),
    itemRoute({ plural: "images", singular: "image" }, images, imageView),
  ];
}
