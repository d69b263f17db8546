/** All routes of the emulated APIs. Whatever is not here is answered 404 and counted as unexpected. */
import type { Project } from "./project.ts";
import { ipRoutes } from "./resources/ips.ts";
import { placementGroupRoutes } from "./resources/placement-groups.ts";
import { privateNetworkRoutes } from "./resources/private-networks.ts";
import { privateNicRoutes } from "./resources/private-nics.ts";
import { productRoutes } from "./resources/products.ts";
import { reservedAddressRoutes } from "./resources/reserved-addresses.ts";
import { securityGroupRoutes } from "./resources/security-groups.ts";
import { serverActionRoutes } from "./resources/server-actions.ts";
import { serverRoutes } from "./resources/servers.ts";
import { sshKeyRoutes } from "./resources/ssh-keys.ts";
import { userDataRoutes } from "./resources/user-data.ts";
import { volumeAttachmentRoutes } from "./resources/volume-attachment.ts";
import { volumeRoutes } from "./resources/volumes.ts";
import type { Route } from "./route.ts";

export function apiRoutes(project: Project): Route[] {
  return [
    ...ipRoutes(project),
    ...placementGroupRoutes(project),
    ...privateNetworkRoutes(project),
    ...privateNicRoutes(project),
    ...productRoutes(project),
    ...reservedAddressRoutes(project),
    ...securityGroupRoutes(project),
    ...serverActionRoutes(project),
    ...serverRoutes(project),
    ...sshKeyRoutes(project),
    ...userDataRoutes(project),
    ...volumeAttachmentRoutes(project),
    ...volumeRoutes(project),
  ];
}
