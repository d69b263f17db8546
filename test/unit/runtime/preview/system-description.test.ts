import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { remoteScriptPath } from "../../../../runtime/platform/package-root.ts";
import { parseSystemDescription } from "../../../../runtime/preview/system-description.ts";

/** A folder as a system's, described by the real script. */
describe("describe-system.sh", () => {
  let folder: string;
  let output: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "system-"));
    const units = path.join(folder, "etc/systemd/system");
    for (const name of ["a.service.d", "multi-user.target.wants"])
      mkdirSync(path.join(units, name), { recursive: true });
    writeFileSync(path.join(units, "a.service"), "[Unit]\nDescription=Grüße\n[Service]\nExecStart=/bin/a");
    writeFileSync(
      path.join(units, "a.service.d", "override.conf"),
      "[Service]\nExecStart=\nExecStart=/bin/b\n",
    );
    writeFileSync(path.join(units, "empty.target"), "");
    writeFileSync(path.join(units, "with space@.service"), "[Service]\nX=1\n");
    symlinkSync("/dev/null", path.join(units, "masked.service"));
    symlinkSync("../a.service", path.join(units, "multi-user.target.wants", "a.service"));
    writeFileSync(path.join(folder, "the-kernel"), "");
    symlinkSync(path.join(folder, "the-kernel"), path.join(folder, "kernel"));
    writeFileSync(path.join(folder, "kernel-params"), "quiet\nro");
    output = execFileSync("sh", [remoteScriptPath("host/describe-system"), folder], { encoding: "utf8" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("tells units with their drop-ins, what starts, and what is booted", () => {
    const found = parseSystemDescription(output);
    expect([...(found?.units.keys() ?? [])].sort()).toEqual([
      "a.service",
      "empty.target",
      "with space@.service",
    ]);
    expect(found?.units.get("a.service")?.get("Service")?.get("ExecStart")).toEqual(["/bin/b"]);
    expect(found?.units.get("a.service")?.get("Unit")?.get("Description")).toEqual(["Grüße"]);
    expect(found?.wanted).toEqual(new Set(["a.service"]));
    expect(found?.boot).toEqual(
      new Map([
        ["kernel", path.join(folder, "the-kernel")],
        ["kernel-params", "quiet ro"],
      ]),
    );
    expect(found?.active.size).toBe(0);
    expect(found?.booted.size).toBe(0);
  });

  it("is only taken whole", () => {
    for (const length of [0, 10, output.length / 2, output.lastIndexOf("end describe-system")])
      expect(parseSystemDescription(output.slice(0, length))).toBeUndefined();
    // The runner strips the last line break.
    expect(parseSystemDescription(output.trimEnd())).toBeDefined();
  });

  it("tells nothing of a folder without units, and does not fail", () => {
    const empty = execFileSync("sh", [remoteScriptPath("host/describe-system"), path.join(folder, "etc")], {
      encoding: "utf8",
    });
    expect(parseSystemDescription(empty)?.units.size).toBe(0);
  });
});
