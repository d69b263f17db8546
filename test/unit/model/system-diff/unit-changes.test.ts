import { describe, expect, it } from "vitest";
import { planUnits, type UnitPlan, type Units } from "../../../../model/system-diff/unit-changes.ts";
import { parseUnit } from "../../../../model/system-diff/unit-file.ts";
import { fc } from "../../property.ts";

const units = (texts: Readonly<Record<string, string>>): Units =>
  new Map(Object.entries(texts).map(([name, text]) => [name, parseUnit([text])]));
const nothing: UnitPlan = { stop: [], restart: [], reload: [], start: [], keep: [] };

function plan(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  active = Object.keys(before),
  wanted: readonly string[] = [],
): UnitPlan {
  return planUnits(units(before), units(after), new Set(active), new Set(wanted));
}

const service = (number: number, more = "") => `[Service]\nExecStart=/bin/${number}\n${more}`;

describe("planUnits", () => {
  it("restarts what changes and runs, and leaves the rest alone", () => {
    const before = { "a.service": service(1), "b.service": service(1), "c.service": service(1) };
    const after = { "a.service": service(2), "b.service": service(1), "c.service": service(2) };
    expect(plan(before, after, ["a.service", "b.service"])).toEqual({ ...nothing, restart: ["a.service"] });
  });

  it.each([
    ["reload", "X-ReloadIfChanged=true"],
    ["keep", "X-RestartIfChanged=false"],
    ["restart", "X-StopIfChanged=false"],
  ] as const)("%s: %s of the new unit", (effect, setting) => {
    expect(plan({ "a.service": service(1) }, { "a.service": service(2, setting) })).toEqual({
      ...nothing,
      [effect]: ["a.service"],
    });
  });

  it.each(["RefuseManualStop=true", "X-OnlyManualStart=true"])("keeps: %s", (setting) => {
    const after = { "a.service": `[Unit]\n${setting}\n${service(2)}` };
    expect(plan({ "a.service": service(1) }, after)).toEqual({ ...nothing, keep: ["a.service"] });
  });

  it("stops what is gone, unless it says otherwise", () => {
    expect(plan({ "a.service": service(1) }, {})).toEqual({ ...nothing, stop: ["a.service"] });
    expect(plan({ "a.service": `[Unit]\nX-StopOnRemoval=false\n${service(1)}` }, {})).toEqual(nothing);
  });

  it("starts what is new and wanted", () => {
    const after = { "a.service": service(1), "b.service": service(1), "c.target": "[Unit]" };
    expect(plan({}, after, [], ["a.service", "c.target", "gone.service"])).toEqual({
      ...nothing,
      start: ["a.service"],
    });
  });

  it("takes no notice of units that are not of the configuration", () => {
    expect(plan({}, { "a.service": service(1) }, ["a.service", "session-1.scope"])).toEqual(nothing);
  });

  it("takes instances for their template", () => {
    const before = { "getty@.service": service(1) };
    const after = { "getty@.service": service(2) };
    expect(plan(before, after, ["getty@tty1.service"])).toEqual({
      ...nothing,
      restart: ["getty@tty1.service"],
    });
    expect(plan(before, {}, ["getty@tty1.service"])).toEqual({ ...nothing, stop: ["getty@tty1.service"] });
  });

  it("takes a service's active socket along, by its name or as it says", () => {
    const own = { "a.service": service(1), "a.socket": "[Socket]\nListenStream=1" };
    expect(plan(own, { ...own, "a.service": service(2) }).restart).toEqual(["a.service", "a.socket"]);
    const named = { "a.service": service(1, "Sockets=x.socket"), "x.socket": "[Socket]" };
    expect(plan(named, { ...named, "a.service": service(2, "Sockets=x.socket") }).restart).toEqual([
      "a.service",
      "x.socket",
    ]);
    expect(plan(own, { ...own, "a.service": service(2, "X-StopIfChanged=false") }).restart).toEqual([
      "a.service",
    ]);
  });

  it("leaves to systemd what gets its settings with a reload of systemd", () => {
    const names = ["a.socket", "b.path", "c.slice", "basic.target", "d.target"];
    const before = Object.fromEntries(names.map((name) => [name, "[X]\na=1"]));
    const after = Object.fromEntries(names.map((name) => [name, "[X]\na=2"]));
    expect(plan(before, after)).toEqual(nothing);
  });

  it("stops targets that ask for it", () => {
    const stop = "[Unit]\nX-StopOnReconfiguration=true";
    expect(plan({ "a.target": "[Unit]" }, { "a.target": stop })).toEqual({ ...nothing, stop: ["a.target"] });
  });

  it("remounts the root and the store, and mounts others anew", () => {
    const before = {
      "-.mount": "[Mount]\nWhat=a",
      "nix.mount": "[Mount]\nWhat=a",
      "srv.mount": "[Mount]\nWhat=a",
    };
    const after = {
      "-.mount": "[Mount]\nWhat=b",
      "nix.mount": "[Mount]\nWhat=b",
      "srv.mount": "[Mount]\nWhat=b",
    };
    expect(plan(before, after)).toEqual({
      ...nothing,
      reload: ["-.mount", "nix.mount"],
      restart: ["srv.mount"],
    });
  });

  it("touches nothing where nothing changes, and no unit twice", () => {
    const name = fc.constantFrom("a.service", "a.socket", "b@.service", "b@x.service", "c.mount", "d.target");
    const text = fc.constantFrom(
      service(1),
      service(2),
      service(1, "X-ReloadIfChanged=1"),
      "[Unit]\nDescription=x",
    );
    const system = fc.dictionary(name, text);
    fc.assert(
      fc.property(system, system, fc.array(name), (before, after, active) => {
        expect(
          plan(
            before,
            before,
            active,
            active.filter((unit) => unit in before),
          ),
        ).toEqual(nothing);
        const touched = Object.values(plan(before, after, active)).flat();
        expect(new Set(touched).size).toBe(touched.length);
        for (const unit of touched) expect(active).toContain(unit);
      }),
    );
  });
});
