/** One action on a server: `POST /servers/:id/actions/<name>`. */
import type { z } from "zod";
import type { Action, ActionPlan, ResourceReference } from "../actions.ts";
import { ApiError } from "../errors.ts";
import type { Project } from "../project.ts";
import { type Route, route } from "../route.ts";
import type { ServerRecord, Transition } from "../state.ts";
import { isRunning } from "./machine-control.ts";
import { created } from "./shared.ts";

/** What an action does: checks and immediate changes now, `work` in its time. */
export interface Effect {
  readonly work?: () => Promise<void> | void;
  /** Shown as the server's status while `work` runs. */
  readonly transition?: Transition;
  readonly also?: readonly ResourceReference[];
  /** Further keys of the answer. */
  readonly extra?: object;
}

type Prepare<Body> = (server: ServerRecord, body: Body) => Effect;

/** Runs `work` and clears the transition whatever happens. */
function inTransition(server: ServerRecord, effect: Effect): () => Promise<void> {
  return async () => {
    try {
      await effect.work?.();
    } finally {
      if (effect.transition !== undefined) {
        server.transition = null;
      }
    }
  };
}

function startAction(project: Project, command: string, server: ServerRecord, effect: Effect): Action {
  server.transition = effect.transition ?? server.transition;
  const plan: ActionPlan = {
    command,
    resources: [{ type: "server", id: server.id }, ...(effect.also ?? [])],
    work: inTransition(server, effect),
  };
  return project.actions.start(plan);
}

/** One action route; a locked server answers 423. */
export function serverAction<Body extends z.ZodType>(
  project: Project,
  [name, command]: readonly [name: string, command: string],
  body: Body,
  prepare: Prepare<z.output<Body>>,
): Route {
  return route({
    method: "POST",
    path: `/servers/:id/actions/${name}`,
    body,
    handle: (call) => {
      const server = project.get("servers", call.id);
      project.actions.requireUnlocked({ type: "server", id: server.id });
      const effect = prepare(server, call.body);
      return created({ action: startAction(project, command, server, effect), ...effect.extra });
    },
  });
}

export function requireOff(server: ServerRecord): void {
  if (isRunning(server)) {
    throw new ApiError(422, "server_not_stopped", `server ${server.id} must be off`);
  }
}
