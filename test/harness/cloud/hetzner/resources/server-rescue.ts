/** The rescue system: asked for, it is what the server boots next, once. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Project } from "../project.ts";
import { emptyBody, type Route } from "../route.ts";
import { serverAction } from "./server-action.ts";
import { findSshKeys } from "./server-choice.ts";
import { idSchema } from "./shared.ts";

/** It is off again when no boot came within that time (API reference, "Enable Rescue Mode for a Server"). */
const rescueWindowMs = 60 * 60 * 1000;

const enableSchema = z.strictObject({
  type: z.literal("linux64").default("linux64"),
  ssh_keys: z.array(idSchema).default([]),
});

export function rescueActions(project: Project): Route[] {
  return [
    serverAction(project, ["enable_rescue", "enable_rescue"], enableSchema, (server, body) => {
      const keys = findSshKeys(project, body.ssh_keys).map((key) => key.publicKey);
      const { machine } = server;
      if (machine === null) {
        throw new ApiError(
          501,
          "unsupported_error",
          "rescue of a server that was never on is unsupported in the emulation",
          { unexpected: true },
        );
      }
      return {
        work: () => machine.armRescue(keys, new Date(Date.now() + rescueWindowMs)),
        extra: { root_password: randomBytes(12).toString("base64url") },
      };
    }),
    serverAction(project, ["disable_rescue", "disable_rescue"], emptyBody, (server) => {
      if (server.machine?.rescueArmed() !== true) {
        throw new ApiError(409, "conflict", "rescue is not enabled");
      }
      const { machine } = server;
      return { work: () => machine.disarmRescue() };
    }),
  ];
}
