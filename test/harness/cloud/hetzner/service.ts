/** What the API and the control routes share. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Faults } from "../faults.ts";
import type { Journal } from "../journal.ts";
import { ApiError } from "./errors.ts";
import type { Project } from "./project.ts";
import type { RateLimit } from "./rate-limit.ts";

/** One resource of a project. */
export interface InventoryItem {
  readonly kind: string;
  readonly id: number;
  readonly name: string;
}

/** What the HTTP side works with. */
export interface Service {
  readonly project: Project;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly token: string;
  /** 0: any free port. */
  readonly port: number;
  readonly rateLimit: RateLimit;
  readonly inventory: () => readonly InventoryItem[];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Throws 401 unless the request carries the token. */
export function authenticate(request: FastifyRequest, token: string): void {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!timingSafeEqual(digest(given), digest(token))) {
    throw new ApiError(401, "unauthorized", "unable to authenticate");
  }
}
