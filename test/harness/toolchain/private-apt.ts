import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { withFileLock } from "./file-lock.ts";
import { lastWords } from "./last-words.ts";
import { runTied } from "./tied-run.ts";

/** What to download from a Debian suite. */
export interface PackageRequest {
  /** Release name, such as `trixie`. */
  readonly suite: string;
  /** Binary packages wanted; their whole dependency closure comes with them, libc included. */
  readonly packages: readonly string[];
  /** Folder of package lists and packages; may be shared by several requests and processes. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

const keyring = fileURLToPath(new URL("keys/debian-archive-trixie.asc", import.meta.url));
const updateTimeoutSeconds = 180;
const downloadTimeoutSeconds = 900;

/**
 * The Debian mirror to use: the one FLEET_TEST_DEBIAN_MIRROR names, else the machine's own, read from the text of its apt sources (deb822 or
 * one-line); never a security archive.
 * @throws StepError where there is none, as on Ubuntu
 */
export function debianMirror(
  sources: string,
  chosen: string | undefined = process.env["FLEET_TEST_DEBIAN_MIRROR"],
): string {
  if (chosen !== undefined && chosen !== "") return chosen.replace(/\/$/, "");
  for (const line of sources.split("\n")) {
    const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(https?:\/\/\S+?)\/?(?:\s|$)/.exec(line.trim());
    if (found?.[1] !== undefined && /\/debian$/.test(found[1])) return found[1];
  }
  throw new StepError({
    step: "choosing a Debian mirror",
    seen: "this machine's apt sources name none",
    next: "set FLEET_TEST_DEBIAN_MIRROR to the address of one (debian.org/mirror/list), ending in /debian, and run it again",
  });
}

/** File names of the packages in `apt-get --print-uris` output (`'uri' file size hash`), sorted. */
export function parsePrintedUris(output: string): string[] {
  return output
    .split("\n")
    .map((line) => /^'[^']+' (\S+\.deb) \d+/.exec(line)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/**
 * Downloads packages with their whole dependency closure, signatures verified, without touching the machine's own package
 * state and without root. A request that was answered before needs no network.
 *
 * @returns absolute paths of the `.deb` files
 * @throws StepError when apt is missing or a download fails
 */
export async function downloadPackages(request: PackageRequest): Promise<string[]> {
  const home = path.join(request.cacheDir, request.suite);
  const archives = path.join(home, "archives");
  const answer = path.join(home, `request-${requestKey(request)}.json`);
  const known = await readAnswer(answer, archives);
  if (known !== undefined) return known;
  await mkdir(home, { recursive: true });
  return await withFileLock(path.join(home, "lock"), request.signal, async () => {
    const settled = await readAnswer(answer, archives);
    if (settled !== undefined) return settled;
    const apt = await preparePrivateApt(home, request.suite);
    await runApt(apt, ["update"], updateTimeoutSeconds, request);
    const install = ["install", "--yes", "--download-only", ...request.packages];
    const empty = `Dir::Cache::archives=${path.join(home, "nothing")}`;
    const printed = await runApt(
      apt,
      ["--print-uris", "-o", empty, ...install],
      updateTimeoutSeconds,
      request,
    );
    await runApt(apt, install, downloadTimeoutSeconds, request);
    const files = parsePrintedUris(printed);
    await writeFile(`${answer}.new`, JSON.stringify(files));
    await rename(`${answer}.new`, answer);
    const paths = await readAnswer(answer, archives);
    if (paths === undefined || paths.length === 0)
      throw new StepError({
        step: `download of ${request.packages.join(", ")}`,
        seen: `apt-get said it was done, but ${archives} lacks packages`,
        next: `remove ${home} and run again`,
      });
    return paths;
  });
}

function requestKey(request: PackageRequest): string {
  return createHash("sha256")
    .update(JSON.stringify([...request.packages].sort()))
    .digest("hex")
    .slice(0, 16);
}

async function readAnswer(answer: string, archives: string): Promise<string[] | undefined> {
  if (!existsSync(answer)) return undefined;
  const names: unknown = JSON.parse(await readFile(answer, "utf8"));
  if (!Array.isArray(names)) return undefined;
  const paths = names.map((name) => path.join(archives, String(name)));
  return paths.every((file) => existsSync(file)) ? paths : undefined;
}

/** Writes the configuration of an apt whose state, an empty machine, lies in `home`; gives the path of its configuration. */
async function preparePrivateApt(home: string, suite: string): Promise<string> {
  for (const folder of ["lists/partial", "archives/partial", "nothing/partial"])
    await mkdir(path.join(home, folder), { recursive: true });
  await writeFile(path.join(home, "status"), "");
  await writeFile(
    path.join(home, "sources.list"),
    `deb [signed-by=${keyring}] ${debianMirror(await readAptSources())} ${suite} main\n`,
  );
  const settings = {
    "Dir::Etc::sourcelist": path.join(home, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::State": home,
    "Dir::State::lists": path.join(home, "lists"),
    "Dir::State::status": path.join(home, "status"),
    "Dir::State::extended_states": path.join(home, "extended_states"),
    "Dir::Cache": home,
    "Dir::Cache::archives": path.join(home, "archives"),
    "Dir::Log": home,
    "APT::Install-Recommends": "false",
    "APT::Sandbox::User": "",
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
    "Acquire::http::Timeout": "20",
    "Acquire::Retries": "2",
    // Our own lock is around it; apt's needs root.
    "Debug::NoLocking": "true",
  };
  const configuration = path.join(home, "apt.conf");
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  await writeFile(configuration, lines.join(""));
  return configuration;
}

async function readAptSources(): Promise<string> {
  const parts = "/etc/apt/sources.list.d";
  const names = existsSync(parts) ? await readdir(parts) : [];
  const files = [
    ...names
      .filter((name) => /\.(sources|list)$/.test(name))
      .sort()
      .map((name) => path.join(parts, name)),
    "/etc/apt/sources.list",
  ].filter((file) => existsSync(file));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

async function runApt(
  configuration: string,
  args: readonly string[],
  timeoutSeconds: number,
  request: PackageRequest,
): Promise<string> {
  const result = await runTied("apt-get", ["-qq", ...args], {
    env: {
      PATH: process.env["PATH"],
      LC_ALL: "C.UTF-8",
      DEBIAN_FRONTEND: "noninteractive",
      http_proxy: process.env["http_proxy"],
      https_proxy: process.env["https_proxy"],
      APT_CONFIG: configuration,
    },
    timeoutSeconds,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  if (result.ok) return result.stdout;
  throw new StepError({
    step: `download of ${request.packages.join(", ")} from Debian ${request.suite}`,
    seen: result.timedOut
      ? `apt-get ${args[0]} gave up after ${timeoutSeconds} s`
      : lastWords(result.stderr, 5),
    next: "check that this is Debian or Ubuntu with a reachable package mirror, then run again",
  });
}
