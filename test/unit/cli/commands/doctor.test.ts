import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { doctor } from "../../../../cli/commands/doctor.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "doctor-"));
  vi.stubEnv("PATH", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const present = {
  node: "v22.18.0",
  pulumi: "v3.200.0",
  nix: "nix (Nix) 2.31.1",
  ssh: "OpenSSH_9.6p1 Ubuntu-3ubuntu13, OpenSSL 3.0.13",
  git: "git version 2.43.0",
};

/** Programs that say their version, alone on PATH. */
function programs(versions: Readonly<Record<string, string>>): void {
  for (const [name, version] of Object.entries(versions)) {
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho '${version}' ${name === "ssh" ? ">&2" : ""}\n`);
    chmodSync(file, 0o755);
  }
}

async function examined(): Promise<{ code: number; text: string; line: (name: string) => string }> {
  let text = "";
  const code = await doctor({
    demo: false,
    write: (more) => {
      text += more;
    },
  });
  const line = (name: string) => text.split("\n").find((each) => each.includes(`│ ${name} `)) ?? "";
  return { code, text, line };
}

test("all is there", async () => {
  programs(present);
  const { code, text, line } = await examined();
  expect(code).toBe(0);
  expect(line("nix")).toContain("✓ │ nix    │ 2.31");
  expect(line("ssh")).toContain("9.6");
  expect(text).not.toContain("to fix");
});

test("Nix need not be there", async () => {
  const { nix: _, ...others } = present;
  programs(others);
  const { code, text, line } = await examined();
  expect(code).toBe(0);
  expect(line("nix")).toContain("– │ nix    │ none: hosts or a build host evaluate and build");
  expect(text).not.toContain("to fix");
});

test("a Nix that is too old is worse than none", async () => {
  programs({ ...present, nix: "nix (Nix) 2.18.9" });
  const { code, text, line } = await examined();
  expect(code).toBe(1);
  expect(line("nix")).toContain("✗ │ nix    │ 2.18, but 2.24 is needed");
  expect(text).toContain("1 to fix: nix\n");
});

test("what is missing or does not work has to be fixed", async () => {
  const { git: _, ...others } = present;
  programs(others);
  writeFileSync(path.join(folder, "pulumi"), "#!/bin/sh\nexit 1\n");
  const { code, text, line } = await examined();
  expect(code).toBe(1);
  expect(line("git")).toContain("✗ │ git    │ install git");
  expect(line("pulumi")).toContain("✗");
  expect(text).toContain("2 to fix: pulumi, git\n");
});
