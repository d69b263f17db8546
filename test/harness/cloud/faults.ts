/** Faults on demand: rules that make matching requests fail, hang or lose their connection. */
import { z } from "zod";

const responseEffect = z.strictObject({
  kind: z.literal("response"),
  status: z.int().min(200).max(599),
  /** The API's error code, such as `rate_limit_exceeded`. */
  code: z.string().min(1),
  message: z.string().optional(),
});
/** Answers as usual, `ms` milliseconds late. */
const delayEffect = z.strictObject({ kind: z.literal("delay"), ms: z.int().min(0).max(600_000) });
/** Cuts the connection with a TCP reset. */
const resetEffect = z.strictObject({ kind: z.literal("reset") });

export const faultRuleSchema = z.strictObject({
  /** HTTP method; absent: any. */
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
  /** Path as the journal has it (Hetzner: without version prefix); `*` stands for one segment, `**` for any rest: `/servers/*`. */
  path: z.string().startsWith("/"),
  /** Matching requests let through before the first fault. */
  skip: z.int().min(0).default(0),
  /** How many requests it hits. */
  times: z.int().min(1).default(1),
  /** `before`: the request has no effect. `after`: it is carried out and only its answer is lost. */
  phase: z.enum(["before", "after"]).default("before"),
  effect: z.discriminatedUnion("kind", [responseEffect, delayEffect, resetEffect]),
});

export type FaultRuleInput = z.input<typeof faultRuleSchema>;
type FaultRule = z.output<typeof faultRuleSchema>;
export type FaultEffect = FaultRule["effect"];

/** A rule that hit the current request. */
export interface FaultHit {
  readonly id: number;
  readonly phase: FaultRule["phase"];
  readonly effect: FaultEffect;
}

/** A rule and what is left of it. */
export interface FaultState {
  readonly id: number;
  readonly rule: FaultRule;
  readonly skip: number;
  readonly times: number;
}

interface ActiveRule {
  readonly id: number;
  readonly rule: FaultRule;
  readonly pattern: RegExp;
  skip: number;
  times: number;
}

/** Regular expression of a path pattern with `*` (one segment) and `**` (any rest). */
export function pathPattern(path: string): RegExp {
  const source = path
    .split("/")
    .map((segment) => {
      if (segment === "**") {
        return ".*";
      }
      return segment.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", "[^/]+");
    })
    .join("/");
  return new RegExp(`^${source}$`);
}

/** Ordered fault rules; the first live one that matches a request hits it. */
export class Faults {
  #rules: ActiveRule[] = [];
  #lastId = 0;

  /** Adds a rule and returns its id. Throws a ZodError on a malformed rule. */
  add(input: FaultRuleInput): number {
    const rule = faultRuleSchema.parse(input);
    this.#lastId += 1;
    this.#rules.push({
      id: this.#lastId,
      rule,
      pattern: pathPattern(rule.path),
      skip: rule.skip,
      times: rule.times,
    });
    return this.#lastId;
  }

  /** Uses up one count of the first rule that matches, or returns null. */
  take(method: string, path: string): FaultHit | null {
    for (const active of this.#rules) {
      const matches = (active.rule.method ?? method) === method && active.pattern.test(path);
      if (!matches || active.times === 0) {
        continue;
      }
      if (active.skip > 0) {
        active.skip -= 1;
        continue;
      }
      active.times -= 1;
      return { id: active.id, phase: active.rule.phase, effect: active.rule.effect };
    }
    return null;
  }

  /** Rules that have not been used up; a test should end with none. */
  pending(): readonly FaultState[] {
    return this.#rules
      .filter((active) => active.times > 0)
      .map(({ id, rule, skip, times }) => ({ id, rule, skip, times }));
  }

  clear(): void {
    this.#rules = [];
  }
}
