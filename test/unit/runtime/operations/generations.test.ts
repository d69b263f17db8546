import { describe, expect, it } from "vitest";
import { chooseGeneration, readGenerations } from "../../../../runtime/operations/generations.ts";
import type { SshSession } from "../../../../runtime/ssh/session.ts";

const generation = (number: number, system: string) => ({ number, system, time: "2026", roles: [] });
const generations = [generation(1, "a"), generation(2, "b"), generation(3, "c")];
const owner = { operator: "ada@desk", pid: 7, stack: "fleet/prod", what: "deploy of web", since: "2026" };
const free = { generation: 3, current: "c", lock: { held: false, owner: undefined } };

describe("chooseGeneration", () => {
  it("takes the newest older one with another system", () => {
    expect(chooseGeneration("web", generations, free).number).toBe(2);
    expect(chooseGeneration("web", generations, { ...free, current: "b" }).number).toBe(1);
  });

  it("does not guess what the one before is while somebody changes that", () => {
    const busy = { ...free, current: "d", lock: { held: true, owner } };
    expect(() => chooseGeneration("web", generations, busy)).toThrow(
      /the host is being worked on by ada@desk \(process 7, deploy of web[\s\S]*next: run it again when that has ended, or choose a generation by --to/,
    );
    expect(chooseGeneration("web", generations, busy, 1).number).toBe(1);
  });
});

describe("readGenerations", () => {
  /** A host that is worked on until it has been looked at so often. */
  function busyFor(looks: number) {
    let looked = 0;
    const script = (name: string) => {
      looked += name === "host/inspect-host" ? 1 : 0;
      const lock = looked > looks ? "free" : "held";
      const state = `boot-id b\nuptime 9\ncurrent c\nlock ${lock}\nend inspect-host\n`;
      const stdout = name === "host/inspect-host" ? state : "generation 1 1 c\nend list-generations\n";
      return Promise.resolve({ ok: true, stdout });
    };
    return { target: { host: "web" }, script } as unknown as SshSession;
  }

  it("waits for what is at work at the moment, where it is asked to", async () => {
    const patient = await readGenerations(busyFor(1), { timeoutSeconds: 9, patienceSeconds: 60 });
    expect(patient.state.lock.held).toBe(false);
    expect(patient.generations.map(({ system }) => system)).toEqual(["c"]);
    expect((await readGenerations(busyFor(1), { timeoutSeconds: 9 })).state.lock.held).toBe(true);
    const tired = await readGenerations(busyFor(99), { timeoutSeconds: 9, patienceSeconds: 0.1 });
    expect(tired.state.lock.held).toBe(true);
  });
});
