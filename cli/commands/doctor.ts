import { existsSync } from "node:fs";
import path from "node:path";
import Table from "cli-table3";
import { execa } from "execa";
import which from "which";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { run } from "../../runtime/platform/run-command.ts";

/** One line of the doctor's report. */
interface Finding {
  readonly name: string;
  /** `absent`: it is not there, and need not be. */
  readonly state: "ok" | "missing" | "old" | "absent";
  /** Version and place, or what to do. */
  readonly detail: string;
}

interface Requirement {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Finds the version in what the command prints. */
  readonly version: RegExp;
  readonly least: readonly [major: number, minor: number];
  readonly fix: string;
  /** What happens without it, if it need not be there. */
  readonly without?: string;
}

const requirements: readonly Requirement[] = [
  {
    name: "node",
    command: "node",
    args: ["--version"],
    version: /v(\d+)\.(\d+)/,
    least: [22, 18],
    fix: "install Node.js 22.18 or newer (nodejs.org)",
  },
  {
    name: "pulumi",
    command: "pulumi",
    args: ["version"],
    version: /v?(\d+)\.(\d+)/,
    least: [3, 150],
    fix: "install it as pulumi.com/docs/install says",
  },
  {
    name: "nix",
    command: "nix",
    args: ["--version"],
    version: /(\d+)\.(\d+)/,
    least: [2, 24],
    fix: "install it as nixos.org/download says",
    without: "none: hosts or a build host evaluate and build (docs/howto/build-elsewhere.md, Without Nix)",
  },
  {
    name: "ssh",
    command: "ssh",
    args: ["-V"],
    version: /OpenSSH_(\d+)\.(\d+)/,
    least: [8, 4],
    fix: "install the OpenSSH client",
  },
  {
    name: "git",
    command: "git",
    args: ["--version"],
    version: /(\d+)\.(\d+)/,
    least: [2, 30],
    fix: "install git: Nix reads flakes through it",
  },
];

const lookSeconds = 20;

/** Checks for everything `pulumi up` needs on this machine; changes nothing. */
async function examine(): Promise<Finding[]> {
  return Promise.all(requirements.map(examineOne));
}

async function examineOne(requirement: Requirement): Promise<Finding> {
  const { without } = requirement;
  if (without !== undefined && (await which(requirement.command, { nothrow: true })) === null)
    return { name: requirement.name, state: "absent", detail: without };
  const result = await run(requirement.command, requirement.args, { timeoutSeconds: lookSeconds });
  const match = requirement.version.exec(`${result.stdout}\n${result.stderr}`);
  if (!result.ok || match === null)
    return { name: requirement.name, state: "missing", detail: requirement.fix };
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [leastMajor, leastMinor] = requirement.least;
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const version = `${major}.${minor}`;
  if (!enough)
    return {
      name: requirement.name,
      state: "old",
      detail: `${version}, but ${leastMajor}.${leastMinor} is needed: ${requirement.fix}`,
    };
  return { name: requirement.name, state: "ok", detail: version };
}

const marks: Readonly<Record<Finding["state"], string>> = { ok: "✓", missing: "✗", old: "✗", absent: "–" };

/** Prints the findings as a table; exit code 0 if nothing is missing. */
export async function doctor(options: { demo: boolean; write: (text: string) => void }): Promise<number> {
  if (options.demo) return doctorForDemo();
  const findings = await examine();
  const table = new Table({ head: ["", "what", "found"], style: { head: [], border: [] } });
  for (const finding of findings) table.push([marks[finding.state], finding.name, finding.detail]);
  options.write(`${table.toString()}\n`);
  const missing = findings.filter(({ state }) => state === "missing" || state === "old");
  if (missing.length > 0)
    options.write(`${missing.length} to fix: ${missing.map(({ name }) => name).join(", ")}\n`);
  return missing.length === 0 ? 0 : 1;
}

/** The demo's set-up program belongs to the repository, not to the published package. */
async function doctorForDemo(): Promise<number> {
  const program = path.join(packageRoot(), "test", "harness", "toolchain", "main.ts");
  if (!existsSync(program))
    throw new Error(
      "the demo runs from a clone of the repository, not from the npm package: git clone it first",
    );
  const result = await execa(process.execPath, ["--import", "tsx", program, "describe"], {
    cwd: packageRoot(),
    stdio: "inherit",
    reject: false,
  });
  return z.number().int().catch(1).parse(result.exitCode);
}
