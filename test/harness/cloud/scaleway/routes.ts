/** All routes of the emulated APIs. Whatever is not here is answered 404 and counted as unexpected. */
import type { Project } from "./project.ts";
import { ipRoutes } from "./resources/ips.ts";
import { productRoutes } from "./resources/products.ts";
import { securityGroupRoutes } from "./resources/security-groups.ts";
import { serverActionRoutes } from "./resources/server-actions.ts";
import { serverRoutes } from "./resources/servers.ts";
import { sshKeyRoutes } from "./resources/ssh-keys.ts";
import { userDataRoutes } from "./resources/user-data.ts";
import { volumeRoutes } from "./resources/volumes.ts";
import type { Route } from "./route.ts";

export function apiRoutes(project: Project): Route[] {
  return [
    ...ipRoutes(project),
    ...productRoutes(),
    ...securityGroupRoutes(project),
    ...serverActionRoutes(project),
    ...serverRoutes(project),
    ...sshKeyRoutes(project),
    ...userDataRoutes(project),
    ...volumeRoutes(project),
  ];
}
