import { describe, expect, it } from "vitest";
import { planRollback, type RollbackInspection } from "../../../../../runtime/operations/rollback/plan.ts";
import { fc } from "../../../property.ts";

type Reached = RollbackInspection & { reachable: true };

function look(host: string, update: string | undefined, changes: Partial<Reached> = {}): Reached {
  const last = { update, from: "old", to: "new", time: "2026-11-21T00:00:00Z", operator: "ada@desk" };
  return {
    ...{ host, reachable: true, current: "new", profile: "new", last, age: 10, isBeforeThere: true },
    busy: undefined,
    newest: update === undefined ? undefined : { update, age: changes.age ?? 10 },
    ...changes,
  };
}
const step = (host: string) => ({ host, from: "new", to: "old", operator: "ada@desk", age: 10 });

describe("planRollback", () => {
  it("takes back all hosts of the newest update, and no host of an older one", () => {
    const looks = [look("a", "u1", { age: 90 }), look("b", "u2"), look("c", "u2"), look("d", undefined)];
    expect(planRollback(looks)).toEqual({ steps: [step("b"), step("c")], obstacles: [] });
  });

  it("finds nothing where nothing was changed by an update", () => {
    const looks = [look("a", undefined), look("b", "u1", { last: undefined })];
    expect(planRollback(looks)).toEqual({ steps: [], obstacles: [] });
    expect(planRollback([])).toEqual({ steps: [], obstacles: [] });
  });

  it("never takes an older update for one that was taken back already, or came to nothing", () => {
    const older = look("a", "u1", { age: 90 });
    const gone = look("b", "u2", { last: undefined });
    expect(planRollback([older, gone])).toEqual({ steps: [], obstacles: [] });
    expect(planRollback([older, gone, look("c", "u2")]).steps).toEqual([step("c")]);
  });

  it("leaves alone what somebody else has changed since, and what was collected", () => {
    const looks = [
      look("a", "u1", { current: "foreign", profile: "foreign" }),
      look("b", "u1", { isBeforeThere: false }),
      look("c", "u1"),
    ];
    expect(planRollback(looks)).toEqual({
      steps: [step("c")],
      obstacles: [
        { host: "a", reason: "has had another system activated since: foreign" },
        { host: "b", reason: "its system before is no longer there (garbage collection): old" },
      ],
    });
  });

  it("takes back what is only staged, and what is only tested", () => {
    const staged = look("a", "u1", { current: "old" });
    const tested = look("b", "u1", { profile: "old" });
    expect(planRollback([staged, tested]).steps.map(({ host }) => host)).toEqual(["a", "b"]);
  });

  it("names hosts that may belong to it", () => {
    const looks = [look("a", "u1"), { host: "b", reachable: false as const, seen: "no route to host" }];
    expect(planRollback(looks)).toEqual({
      steps: [step("a")],
      obstacles: [{ host: "b", reason: "cannot be reached: no route to host" }],
    });
  });

  it("names hosts that are worked on, whatever of: what becomes of them is not known yet", () => {
    const busy = "ada@desk (process 7)";
    const looks = [look("a", "u2"), look("b", "u2", { busy }), look("c", "u1", { busy, age: 90 })];
    const reason = "is being worked on by ada@desk (process 7): run it again when that has ended";
    expect(planRollback(looks)).toEqual({
      steps: [step("a")],
      obstacles: [
        { host: "b", reason },
        { host: "c", reason },
      ],
    });
  });

  it("never mixes updates, and never forgets a host of the newest", () => {
    const host = fc.record({ update: fc.constantFrom(undefined, "u1", "u2", "u3"), well: fc.boolean() });
    const ages: Record<string, number> = { u1: 300, u2: 200, u3: 100 };
    fc.assert(
      fc.property(fc.array(host, { maxLength: 8 }), (hosts) => {
        const looks = hosts.map(({ update, well }, index) =>
          look(`h${index}`, update, { age: ages[update ?? "u1"] ?? 0, isBeforeThere: well }),
        );
        const newest = ["u3", "u2", "u1"].find((name) => hosts.some(({ update }) => update === name));
        const belonging = looks.filter(({ last }) => newest !== undefined && last?.update === newest);
        const { steps, obstacles } = planRollback(looks);
        const named = [...steps, ...obstacles].map(({ host }) => host);
        expect(named.sort()).toEqual(belonging.map(({ host }) => host).sort());
      }),
    );
  });
});
