/** `/_control/*`: faults, journal and inventory for tests in another process; guarded by the project's token. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { faultRuleSchema } from "../faults.ts";
import { ApiError } from "./errors.ts";
import { authenticate, type Service } from "./service.ts";

function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  return reply.code(error.status).send(error.toBody());
}

/**
 * `POST /_control/faults` (a rule, see faults.ts) answers `{id}`; `GET` lists rules not used up; `DELETE` clears.
 * `GET /_control/journal` answers `{entries}`; `DELETE` clears. `GET /_control/inventory` answers `{items}`.
 */
export function addControlRoutes(server: FastifyInstance, service: Service): void {
  void server.register(
    async (control) => {
      control.addHook("onRequest", async (request) => authenticate(request, service.token));
      control.setErrorHandler((error, _request, reply) =>
        sendError(
          reply,
          error instanceof ApiError ? error : new ApiError(500, "server_error", String(error)),
        ),
      );
      control.post("/faults", async (request, reply) => {
        const rule = faultRuleSchema.safeParse(request.body);
        if (!rule.success) {
          const fields = rule.error.issues.map((issue) => ({
            name: issue.path.join("."),
            messages: [issue.message],
          }));
          return sendError(reply, new ApiError(422, "invalid_input", "invalid fault rule", { fields }));
        }
        return reply.code(201).send({ id: service.faults.add(rule.data) });
      });
      control.get("/faults", async () => ({ pending: service.faults.pending() }));
      control.delete("/faults", async (_request, reply) => {
        service.faults.clear();
        return reply.code(204).send();
      });
      control.get("/journal", async () => ({ entries: service.journal.entries() }));
      control.delete("/journal", async (_request, reply) => {
        service.journal.clear();
        return reply.code(204).send();
      });
      control.get("/inventory", async () => ({ items: service.inventory() }));
    },
    { prefix: "/_control" },
  );
}
