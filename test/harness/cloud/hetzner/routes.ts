/** All routes of the emulated API. Whatever is not here is answered 404 and counted as unexpected. */
import type { Project } from "./project.ts";
import { actionRoutes } from "./resources/action-list.ts";
import { catalogRoutes } from "./resources/catalog.ts";
import { firewallRoutes } from "./resources/firewalls.ts";
import { loadBalancerRoutes } from "./resources/load-balancers.ts";
import { networkRoutes } from "./resources/networks.ts";
import { placementGroupRoutes } from "./resources/placement-groups.ts";
import { primaryIpRoutes } from "./resources/primary-ips.ts";
import { serverRoutes } from "./resources/servers.ts";
import { sshKeyRoutes } from "./resources/ssh-keys.ts";
import { volumeRoutes } from "./resources/volumes.ts";
import type { Route } from "./route.ts";

export function apiRoutes(project: Project): Route[] {
  return [
    ...actionRoutes(project),
    ...catalogRoutes(project),
    ...firewallRoutes(project),
    ...loadBalancerRoutes(project),
    ...networkRoutes(project),
    ...placementGroupRoutes(project),
    ...primaryIpRoutes(project),
    ...serverRoutes(project),
    ...sshKeyRoutes(project),
    ...volumeRoutes(project),
  ];
}
