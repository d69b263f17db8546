/** `/actions`: what clients poll, as `?id=1&id=2&page=1&sort=status&sort=id`. */
import { ApiError, notFound } from "../errors.ts";
import type { Project } from "../project.ts";
import { listRoute, plainRoute, type Route } from "../route.ts";
import { listActions, ok } from "./shared.ts";

export function actionRoutes(project: Project): Route[] {
  return [
    listRoute("/actions", (query) => {
      if (!query.has("id")) {
        // Listing all actions of a project was removed from the API in 2025.
        throw new ApiError(410, "deprecated_api_endpoint", "listing actions needs at least one 'id'");
      }
      return listActions(project.actions.all(), query);
    }),
    plainRoute("GET", "/actions/:id", ({ id }) => {
      const action = project.actions.get(id);
      if (action === undefined) {
        throw notFound("action", id);
      }
      return ok({ action });
    }),
  ];
}
