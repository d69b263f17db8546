import { writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../../runtime/platform/run-command.ts";
import type { ScalewayCloud } from "../../test/harness/cloud/scaleway/cloud.ts";
import { createStack, type StackFixture } from "../../test/integration/stack/fixture.ts";
import { scalewayConfig, startScalewayBeside } from "../../test/integration/stack/scaleway-beside.ts";
import type { EngineRun } from "../../test/integration/stack/test-stack.ts";
import { type BareProject, createBareProject } from "./bare-project.ts";
import { type ExportedState, exportedState, multiplied, without } from "./multiply.ts";

/** Names that no other text in a state contains. */
const models = { hetzner: "alphamodel", scaleway: "omegamodel" } as const;
const importSeconds = 300;

/** Requests that each cloud was sent by one engine run. */
export interface Requests {
  readonly run: string;
  readonly hetzner: number;
  readonly scaleway: number;
}

/** A stack that can be made to believe it has any number of installed hosts, half of them in each cloud. */
export interface ManyHosts {
  readonly fixture: StackFixture;
  /** Configures so many hosts, and puts them into the state of the stack. */
  become(hosts: number): Promise<void>;
  /** The double of the stack as it is, whose program only registers resources. */
  bare(): Promise<BareProject>;
  /** Runs the engine on one real host in each cloud. */
  counted(name: string, run: () => Promise<EngineRun>): Promise<Requests>;
  /** Puts the real hosts back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Creates, installs and deploys one host in each cloud for real. `started`: the requests this took. */
export async function startManyHosts(): Promise<ManyHosts & { readonly started: Requests }> {
  const fixture = await createStack();
  const scaleway = await startScalewayBeside(fixture);
  const providers = providersOf(fixture, scaleway);
  const configure = (names: HostNames) => configureHosts(fixture, names, providers);
  const counted = async (name: string, engine: () => Promise<EngineRun>): Promise<Requests> => {
    fixture.cloud.journal.clear();
    scaleway.journal.clear();
    const { ok, output } = await engine();
    if (!ok) throw new Error(`${name} failed:\n${output}`);
    const sent = {
      hetzner: fixture.cloud.journal.entries().length,
      scaleway: scaleway.journal.entries().length,
    };
    return { run: name, ...sent };
  };
  const close = async () => {
    await scaleway.close();
    await fixture.close();
  };
  try {
    configure({ hetzner: [models.hetzner], scaleway: [models.scaleway] });
    const started = await counted("create", () => fixture.up());
    const real = exportedState(await pulumi(fixture, "export"));
    const bare = () => createBareProject(fixture, providers);
    const become = async (hosts: number) => {
      const names = namesOf(hosts);
      configure(names);
      const by = { [models.hetzner]: names.hetzner, [models.scaleway]: names.scaleway };
      const state = multiplied(real, by);
      await replaceState(fixture, names.scaleway.length === 0 ? without(state, keyAtScaleway) : state);
    };
    const restore = async () => {
      configure({ hetzner: [models.hetzner], scaleway: [models.scaleway] });
      await replaceState(fixture, real);
    };
    return { fixture, started, become, bare, counted, restore, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A stack without a host at Scaleway has no key there. */
const keyAtScaleway = "deploy-key-scaleway";

/** What `Pulumi.test.yaml` says about the providers. */
function providersOf(fixture: StackFixture, scaleway: ScalewayCloud): Readonly<Record<string, string>> {
  return {
    "hcloud:token": fixture.token,
    "hcloud:endpoint": fixture.cloud.endpoint,
    "hcloud:pollInterval": "100ms",
    ...scalewayConfig(scaleway),
  };
}

type HostNames = Readonly<Record<"hetzner" | "scaleway", readonly string[]>>;

function configureHosts(fixture: StackFixture, names: HostNames, providers: object): void {
  const host = (provider: keyof HostNames) => ({ provider, flake: "./hosts#web", drift: "off" });
  const hosts = Object.fromEntries([
    ...names.hetzner.map((name) => [name, host("hetzner")]),
    ...names.scaleway.map((name) => [name, { ...host("scaleway"), image: "debian-12" }]),
  ]);
  fixture.configure(hosts, { ...providers });
}

/** Hetzner has the odd one. */
function namesOf(hosts: number): HostNames {
  const list = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  return { hetzner: list("alpha", Math.ceil(hosts / 2)), scaleway: list("omega", Math.floor(hosts / 2)) };
}

async function replaceState(fixture: StackFixture, state: ExportedState): Promise<void> {
  const file = path.join(fixture.project.folder, "state.json");
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  await pulumi(fixture, "import", "--file", file);
}

async function pulumi({ project }: StackFixture, command: string, ...more: string[]): Promise<string> {
  const args = ["stack", command, "--stack", "test", "--non-interactive", ...more];
  const { folder: cwd, environment: env } = project;
  const result = await run("pulumi", args, { cwd, env, timeoutSeconds: importSeconds });
  if (!result.ok) throw new Error(`pulumi stack ${command} failed:\n${result.stderr}`);
  return result.stdout;
}
