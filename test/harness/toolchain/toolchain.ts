import path from "node:path";
import { fileURLToPath } from "node:url";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { type Component, type ComponentFact, type Origin, origins, type SetUpContext } from "./component.ts";
import { searchPath, toolchainEnvironment } from "./environment.ts";
import { askVendorOnce } from "./official.ts";
import { plugins } from "./plugins.ts";
import { provideAll } from "./progress.ts";
import { pulumi } from "./pulumi.ts";
import { preparePulumiHome } from "./pulumi-home.ts";
import { lookFor, planFor } from "./resolve.ts";
import { curl, git, ip, jq, nix, openssl, ps, ssh, sshd, systemd } from "./tools.ts";

/** Everything the demo and the tests need, ready for use. */
export interface Toolchain {
  /** To be laid over the caller's environment; PATH is complete. */
  readonly env: Record<string, string>;
  readonly components: readonly ComponentFact[];
}

/** One component as `fleet doctor --demo` shows it. */
export interface ComponentDescription {
  readonly name: string;
  readonly title: string;
  readonly state: "ready" | "missing";
  readonly version?: string;
  readonly origin?: Origin;
  readonly path?: string;
  /** It is not the vendor's code: it only behaves alike. */
  readonly standIn?: true;
  /** Why nothing on the machine will do. */
  readonly because?: string;
  /** What set-up would do. */
  readonly plan?: string;
}

/** What set-up is asked to do. */
export interface SetUpOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: `.fleet/toolchain` of the repository, or FLEET_TEST_TOOLCHAIN_DIR. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Default: all, or those FLEET_TEST_TOOLCHAIN_FROM lists (`found,official,built,distribution`). */
  readonly allowed?: readonly Origin[];
}

const repositoryFolder = fileURLToPath(new URL("../../../.fleet/toolchain", import.meta.url));

/** The CLI first: it fetches official plugins. Elsewhere than on Linux there are no worlds. */
export const components: readonly Component[] = [
  ...[pulumi, ...plugins, nix, ssh, git, jq],
  ...(process.platform === "linux" ? [ip, ps, curl] : []),
];
/** What only the integration tests need beside them. */
const testTools: readonly Component[] = [sshd, openssl, systemd];

/**
 * Gets whatever is missing, showing progress, and puts all together.
 *
 * @throws StepError naming the components that could not be had, what was tried, and the way out
 */
export async function setUpToolchain(options: SetUpOptions = {}): Promise<Toolchain> {
  const context = createContext(options);
  const facts = await provideAll(components, context);
  return await assemble(facts, context);
}

/**
 * Gets only the named components, without putting a toolchain together.
 *
 * @throws StepError for a name that is none, or when one cannot be had
 */
export async function setUpComponents(
  names: readonly string[],
  options: SetUpOptions = {},
): Promise<readonly ComponentFact[]> {
  const unknown = names.filter((name) => !components.some((component) => component.name === name));
  if (unknown.length > 0)
    throw new StepError({
      step: "set-up of the toolchain",
      seen: `no component is called ${unknown.join(", ")}`,
      next: `choose among ${components.map((component) => component.name).join(", ")}`,
    });
  const chosen = components.filter((component) => names.includes(component.name));
  return await provideAll(chosen, createContext(options));
}

/**
 * Gets what only the integration tests need.
 *
 * @returns `PATH` with these programs before all others
 * @throws StepError naming those that could not be had
 */
export async function addTestTools(searched: string, options: SetUpOptions = {}): Promise<string> {
  return searchPath(await provideAll(testTools, createContext(options)), searched);
}

/**
 * The toolchain an earlier set-up left; starts no download and no build, works inside a world.
 *
 * @throws StepError when something is missing
 */
export async function loadToolchain(options: SetUpOptions = {}): Promise<Toolchain> {
  const context = createContext(options);
  const looked = await Promise.all(
    components.map(async (component) => ({ component, result: await lookFor(component, context) })),
  );
  const missing = looked.flatMap(({ component, result }) =>
    "because" in result ? [`${component.title}: ${result.because}`] : [],
  );
  if (missing.length > 0)
    throw new StepError({
      step: "loading the toolchain",
      seen: missing.join("\n  "),
      next: 'run "npx tsx test/harness/toolchain/main.ts", which gets what is missing',
    });
  return await assemble(
    looked.flatMap(({ result }) => ("because" in result ? [] : [result])),
    context,
  );
}

/** What is there, what is missing and what set-up would do about it; changes nothing and uses no network. */
export async function describeToolchain(options: SetUpOptions = {}): Promise<ComponentDescription[]> {
  const context = createContext(options);
  return await Promise.all(
    components.map(async (component): Promise<ComponentDescription> => {
      const { name, title } = component;
      const looked = await lookFor(component, context);
      if ("because" in looked)
        return { name, title, state: "missing", ...looked, plan: await planFor(component, context) };
      return { ...looked, title, state: "ready" };
    }),
  );
}

async function assemble(facts: readonly ComponentFact[], context: SetUpContext): Promise<Toolchain> {
  const pulumiHome = await preparePulumiHome(context.folder, facts);
  const env = await toolchainEnvironment(context.folder, pulumiHome, facts, context.environment);
  return { env, components: facts };
}

/** Settles options and their defaults from the environment. */
export function createContext(options: SetUpOptions): SetUpContext {
  const environment = options.environment ?? process.env;
  return {
    environment,
    folder: path.resolve(options.folder ?? environment["FLEET_TEST_TOOLCHAIN_DIR"] ?? repositoryFolder),
    allowed: new Set(options.allowed ?? parseOrigins(environment["FLEET_TEST_TOOLCHAIN_FROM"])),
    signal: options.signal ?? new AbortController().signal,
    ready: new Map(),
    vendorReachable: askVendorOnce(),
  };
}

/** Reads FLEET_TEST_TOOLCHAIN_FROM; undefined or empty means all. */
export function parseOrigins(text: string | undefined): readonly Origin[] {
  if (text === undefined || text.trim() === "") return origins;
  return text.split(",").map((word) => {
    const origin = origins.find((known) => known === word.trim());
    if (origin === undefined)
      throw new StepError({
        step: "reading FLEET_TEST_TOOLCHAIN_FROM",
        seen: `"${word.trim()}" is not valid: must be one of ${origins.join(", ")}`,
      });
    return origin;
  });
}
