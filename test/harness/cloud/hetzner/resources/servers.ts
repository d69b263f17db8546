/** `/servers`: listing, renaming, deleting. Creation and actions have files of their own. */
import type { Action } from "../actions.ts";
import { protectedResource } from "../errors.ts";
import { oneOf } from "../listing.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { ServerRecord } from "../state.ts";
import { removeAddress } from "./address-book.ts";
import { detachFromMachine, withMachine } from "./machine-control.ts";
import { createServer, createServerSchema } from "./server-create.ts";
import { membershipActions, networkActions } from "./server-membership.ts";
import { powerActions } from "./server-power.ts";
import { rescueActions } from "./server-rescue.ts";
import { systemActions } from "./server-system.ts";
import { serverStatus, serverView } from "./server-view.ts";
import { created, historyRoutes, hostnameSchema, ok, readRoutes, renameRoute } from "./shared.ts";

/** Lets go of everything that was the server's. Addresses stay unless they were made with it. */
function release(project: Project, server: ServerRecord): void {
  for (const address of [...project.state.primary_ips.values()]) {
    if (address.assignee === server.id) {
      address.assignee = null;
      if (address.autoDelete) {
        removeAddress(project, address);
      }
    }
  }
  for (const volume of project.state.volumes.values()) {
    if (volume.server === server.id) {
      volume.server = null;
    }
  }
  for (const firewall of project.state.firewalls.values()) {
    firewall.servers.delete(server.id);
  }
  for (const balancer of project.state.load_balancers.values()) {
    balancer.targets = balancer.targets.filter((target) => target.server !== server.id);
  }
  project.state.servers.delete(server.id);
}

/** Volumes first: they outlive the machine. */
async function destroyMachine(project: Project, server: ServerRecord): Promise<void> {
  for (const volume of project.state.volumes.values()) {
    if (volume.server === server.id) {
      await detachFromMachine(server, volume);
    }
  }
  await withMachine(server, (machine) => machine.destroy());
}

function deleteServer(project: Project, server: ServerRecord): Action {
  project.actions.requireUnlocked({ type: "server", id: server.id });
  if (server.protection.delete) {
    throw protectedResource("server", "deletion");
  }
  server.transition = "deleting";
  return project.actions.start({
    command: "delete_server",
    resources: [{ type: "server", id: server.id }],
    work: async () => {
      try {
        await destroyMachine(project, server);
        release(project, server);
      } finally {
        server.transition = null;
      }
    },
  });
}

export function serverRoutes(project: Project): Route[] {
  const options = {
    project,
    kind: "servers",
    view: (server: ServerRecord) => serverView(project, server),
  } as const;
  return [
    ...readRoutes(options, { status: oneOf(serverStatus) }),
    ...historyRoutes(project, "servers", "server"),
    ...powerActions(project),
    ...systemActions(project),
    ...rescueActions(project),
    ...networkActions(project),
    ...membershipActions(project),
    renameRoute(options, hostnameSchema),
    route({
      method: "POST",
      path: "/servers",
      body: createServerSchema,
      handle: ({ body }) => created(createServer(project, body)),
    }),
    plainRoute("DELETE", "/servers/:id", ({ id }) =>
      ok({ action: deleteServer(project, project.get("servers", id)) }),
    ),
  ];
}
