/** Which server a request is about, for counting requests per host. */
import { z } from "zod";
import type { Query } from "./listing.ts";
import type { Project } from "./project.ts";

const named = z.looseObject({ name: z.string() });

/** Name of the server a request is about: by path, by polled action, or by the name of the one to be made. */
export function hostOf(
  project: Project,
  request: { readonly method: string; readonly path: string; readonly query: Query; readonly body: unknown },
): string | null {
  const { method, path, query, body } = request;
  const id = /^\/servers\/(\d+)/.exec(path)?.[1];
  if (id !== undefined) {
    return project.state.servers.get(Number(id))?.name ?? null;
  }
  if (method === "POST" && path === "/servers") {
    return named.safeParse(body).data?.name ?? null;
  }
  if (path === "/actions") {
    return polledServer(project, query);
  }
  return null;
}

function polledServer(project: Project, query: Query): string | null {
  for (const id of query.get("id") ?? []) {
    const resources = project.actions.get(Number(id))?.resources ?? [];
    const server = resources.find((used) => used.type === "server");
    if (server !== undefined) {
      return project.state.servers.get(server.id)?.name ?? null;
    }
  }
  return null;
}
