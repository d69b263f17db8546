import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goalSchema } from "../../../../model/protocol/deploy.ts";
import { type DecidingState, decide } from "../../../../runtime/deploy/plan-activation.ts";
import { attemptOutcomes } from "../../../../runtime/host/deployment-records.ts";

const wanted = "/nix/store/wanted";
const other = "/nix/store/other";

type Outcome = (typeof attemptOutcomes)[number];

function state(
  current: string,
  profile: string,
  confirmed?: string,
  outcome: Outcome = "deployed",
): DecidingState {
  return {
    current,
    profile,
    confirmed:
      confirmed === undefined
        ? { kind: "absent" }
        : {
            kind: "read",
            value: { version: 1, time: "2026-01-01T00:00:00Z", system: confirmed, outcome, generation: 3 },
          },
  };
}

describe("decide", () => {
  it.each([
    ["runs, boots and is confirmed", state(wanted, wanted, wanted), "switch", "nothing"],
    ["runs and boots, confirmed by nobody, as after an install", state(wanted, wanted), "switch", "record"],
    ["runs and boots, but another system was confirmed", state(wanted, wanted, other), "switch", "record"],
    ["runs and boots, but was only tested", state(wanted, wanted, wanted, "tested"), "switch", "record"],
    ["runs, but boots another", state(wanted, other, wanted, "tested"), "switch", "switch"],
    ["runs another, boots the wanted", state(other, wanted, wanted, "staged"), "switch", "switch"],
    ["runs another", state(other, other, other), "switch", "switch"],
    ["staged already: harmless to stage again", state(other, wanted, wanted, "staged"), "boot", "boot"],
    ["staged and rebooted since", state(wanted, wanted, wanted, "staged"), "boot", "nothing"],
    ["staged and rebooted since", state(wanted, wanted, wanted, "staged"), "switch", "nothing"],
    ["tested already", state(wanted, other, wanted, "tested"), "test", "nothing"],
    ["running, but unconfirmed", state(wanted, other, other), "test", "test"],
    ["running already", state(wanted, wanted, wanted), "dry-activate", "dry-activate"],
  ] as const)("%s (%#)", (_, observed, goal, decision) => {
    expect(decide(observed, wanted, goal)).toBe(decision);
  });

  it("never calls anything settled that does not run", () => {
    const system = fc.constantFrom(wanted, other);
    const confirmed = fc.option(system, { nil: undefined });
    fc.assert(
      fc.property(
        system,
        confirmed,
        fc.constantFrom(...attemptOutcomes),
        fc.constantFrom(...goalSchema.options),
        (profile, record, outcome, goal) => {
          expect(["nothing", "record"]).not.toContain(
            decide(state(other, profile, record, outcome), wanted, goal),
          );
        },
      ),
    );
  });
});
