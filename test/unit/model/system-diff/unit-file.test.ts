import { describe, expect, it } from "vitest";
import { compareUnits, parseUnit, unitFlag } from "../../../../model/system-diff/unit-file.ts";
import { fc } from "../../property.ts";

const unit = (text: string) => parseUnit([text]);

describe("parseUnit", () => {
  it("reads sections, repeated keys, comments and joined lines, and leaves [Install] out", () => {
    const text =
      "# a\n[Unit]\nAfter=a.target\nAfter = b.target\n; c\n[Service]\nExecStart=/bin/x \\\n  --y\n[Install]\nWantedBy=z\n";
    expect(unit(text)).toEqual(
      new Map([
        ["Unit", new Map([["After", ["a.target", "b.target"]]])],
        ["Service", new Map([["ExecStart", ["/bin/x    --y"]]])],
      ]),
    );
  });

  it("lets a drop-in add to a unit, and an empty value forget what was there", () => {
    const merged = parseUnit(["[Service]\nExecStart=/bin/a\nA=1", "[Service]\nExecStart=\nExecStart=/bin/b"]);
    expect(merged.get("Service")?.get("ExecStart")).toEqual(["/bin/b"]);
    expect(merged.get("Service")?.get("A")).toEqual(["1"]);
  });
});

describe("unitFlag", () => {
  it("takes the last value, and the default where there is none", () => {
    const file = unit("[Service]\nX-RestartIfChanged=true\nX-RestartIfChanged=false");
    expect(unitFlag(file, "Service", "X-RestartIfChanged", true)).toBe(false);
    expect(unitFlag(file, "Service", "X-StopIfChanged", true)).toBe(true);
    expect(unitFlag(file, "Unit", "X-RestartIfChanged", false)).toBe(false);
    for (const yes of ["1", "yes", "true", "on"])
      expect(unitFlag(unit(`[Unit]\nA=${yes}`), "Unit", "A", false)).toBe(true);
  });
});

describe("compareUnits", () => {
  const base = "[Unit]\nDescription=a\n[Service]\nExecStart=/bin/a\n";
  it.each([
    ["equal", "the same", base, base],
    ["equal", "another description", base, base.replace("=a\n", "=b\n")],
    ["equal", "another order", "[A]\nx=1\ny=2", "[A]\ny=2\nx=1"],
    ["equal", "another way to be enabled", base, `${base}[Install]\nWantedBy=x`],
    ["restart", "another program", base, base.replace("/bin/a", "/bin/b")],
    ["restart", "a new key", base, `${base}User=x`],
    ["restart", "a key that is gone", `${base}User=x`, base],
    ["restart", "a new section", base, `${base}[Socket]\n`],
    ["restart", "a section that is gone", `${base}[Socket]\n`, base],
    ["restart", "a dependency", base, base.replace("[Service]", "After=x\n[Service]")],
    ["reload", "another reload trigger", base, base.replace("[Service]", "X-Reload-Triggers=x\n[Service]")],
    [
      "equal",
      "a reload trigger that is gone",
      base.replace("[Service]", "X-Reload-Triggers=x\n[Service]"),
      base,
    ],
    ["reload", "another way to reload", `${base}ExecReload=a`, `${base}ExecReload=b`],
    ["equal", "no way to reload any more", `${base}ExecReload=a`, base],
    ["reload", "a section only to reload", "[Unit]\nAfter=x", "[Unit]\nAfter=x\n[Service]\nExecReload=a"],
    ["restart", "a section with more", "[Unit]\nAfter=x", "[Unit]\nAfter=x\n[Service]\nExecReload=a\nUser=b"],
    ["equal", "a description of its own", "[Service]\nA=1", "[Unit]\nDescription=x\n[Service]\nA=1"],
    ["reload", "other options of a mount", "[Mount]\nOptions=a", "[Mount]\nOptions=b"],
    ["restart", "first options of a mount", "[Mount]\nWhat=a", "[Mount]\nWhat=a\nOptions=b"],
    [
      "restart",
      "a reload and more",
      "[Unit]\nX-Reload-Triggers=a\n[Service]\nA=1",
      "[Unit]\nX-Reload-Triggers=b\n[Service]\nA=2",
    ],
  ])("%s: %s", (result, _what, before, after) => {
    expect(compareUnits(unit(before), unit(after))).toBe(result);
  });

  it("finds a unit equal to itself", () => {
    const line = fc.constantFrom(
      "[Unit]",
      "[Service]",
      "[Mount]",
      "A=1",
      "A=",
      "Description=x",
      "ExecReload=y",
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(compareUnits(unit(lines.join("\n")), unit(lines.join("\n")))).toBe("equal");
      }),
    );
  });
});
