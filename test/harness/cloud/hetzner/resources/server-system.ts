/** What a server is made of: image, type, rescue, backups. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError, invalidInput, protectedResource } from "../errors.ts";
import type { Project } from "../project.ts";
import { emptyBody, type Route } from "../route.ts";
import type { ServerRecord } from "../state.ts";
import { powerOn } from "./machine-control.ts";
import { type Effect, requireOff, serverAction } from "./server-action.ts";
import { findImage, findServerType } from "./server-choice.ts";
import { userDataSchema } from "./server-create.ts";
import { idSchema } from "./shared.ts";

const rebuildSchema = z.strictObject({
  image: z.union([z.string().min(1), idSchema]),
  user_data: userDataSchema.optional(),
});

function prepareRebuild(
  project: Project,
  server: ServerRecord,
  body: z.output<typeof rebuildSchema>,
): Effect {
  if (server.protection.rebuild) {
    throw protectedResource("server", "rebuilding");
  }
  const image = findImage(body.image, server.type.architecture);
  return {
    transition: "rebuilding",
    extra: { root_password: server.authorizedKeys.length > 0 ? null : randomBytes(12).toString("base64url") },
    work: async () => {
      server.image = image;
      server.userData = body.user_data ?? server.userData;
      if (server.machine === null) {
        await powerOn(project, server);
      } else {
        await server.machine.rebuild(image.name, server.userData);
      }
    },
  };
}

const changeTypeSchema = z.strictObject({
  server_type: z.union([z.string().min(1), idSchema]),
  upgrade_disk: z.boolean(),
});

/** The API starts the server again when its type has been changed; the provider relies on it. */
function prepareChangeType(
  project: Project,
  server: ServerRecord,
  body: z.output<typeof changeTypeSchema>,
): Effect {
  requireOff(server);
  const type = findServerType(body.server_type);
  if (type.architecture !== server.type.architecture || type.disk < server.primaryDiskSize) {
    throw new ApiError(
      422,
      "invalid_server_type",
      `server type ${type.name} (${type.architecture}, ${type.disk} GB) does not fit a ${server.type.architecture} server with a disk of ${server.primaryDiskSize} GB`,
    );
  }
  if (type.id === server.type.id) {
    throw new ApiError(422, "invalid_server_type", `server is of type ${type.name} already`);
  }
  if (!type.locations.includes(server.location.name)) {
    throw invalidInput("server_type", `server type ${type.name} is not offered in ${server.location.name}`);
  }
  return {
    transition: "migrating",
    work: async () => {
      server.type = type;
      server.primaryDiskSize = body.upgrade_disk ? type.disk : server.primaryDiskSize;
      await powerOn(project, server);
    },
  };
}

export function systemActions(project: Project): Route[] {
  return [
    serverAction(project, ["rebuild", "rebuild_server"], rebuildSchema, (server, body) =>
      prepareRebuild(project, server, body),
    ),
    serverAction(project, ["change_type", "change_server_type"], changeTypeSchema, (server, body) =>
      prepareChangeType(project, server, body),
    ),
    serverAction(project, ["enable_backup", "enable_backup"], emptyBody, (server) => {
      server.backupWindow = "22-02";
      return {};
    }),
    serverAction(project, ["disable_backup", "disable_backup"], emptyBody, (server) => {
      server.backupWindow = null;
      return {};
    }),
  ];
}
