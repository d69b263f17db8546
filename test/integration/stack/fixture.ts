import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import {
  type EngineEvent,
  LocalWorkspace,
  type OpType,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { packageRoot } from "../../../engine/package-root.ts";
import { worldFrontends } from "../../harness/cloud/hetzner/balancing/frontends.ts";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { buildKexecTarball } from "../../harness/nixos-anywhere/kexec/tarball.ts";
import { createProject, type TestProject } from "../../harness/project/project.ts";
import { loadToolchain } from "../../harness/toolchain/toolchain.ts";
import { hostNumber, testAddress } from "../addresses.ts";

/** What an engine run did, and said. */
export interface EngineRun {
  readonly ok: boolean;
  /** Resource name → operation, without those that stayed as they were. */
  readonly changes: Readonly<Record<string, OpType>>;
  /** Names of the resources that were created, in the order in which they were done. */
  readonly created: readonly string[];
  /** Everything printed. */
  readonly output: string;
}

/** A stack of this repository's program on an emulated cloud with real machines. */
export interface StackFixture {
  readonly project: TestProject;
  readonly cloud: HetznerCloud;
  /** Of the cloud. */
  readonly token: string;
  readonly machines: TestMachineFactory;
  readonly stack: Stack;
  /** Replaces the hosts of the stack's configuration; other keys can be given as well. */
  configure(hosts: Readonly<Record<string, unknown>>, more?: Readonly<Record<string, unknown>>): void;
  up(options?: RunChoice): Promise<EngineRun>;
  preview(options?: RunChoice): Promise<EngineRun>;
  refresh(): Promise<EngineRun>;
  destroy(): Promise<EngineRun>;
  /** `hosts` output of one host. */
  host(name: string): Promise<HostFacts>;
  close(): Promise<void>;
}

export interface RunChoice {
  readonly target?: string[];
  /** URNs of resources to make anew. */
  readonly replace?: string[];
  readonly continueOnError?: boolean;
}

export interface HostFacts {
  readonly id: string;
  readonly address: string;
  readonly ipv6: string | null;
  readonly system: string;
  readonly hostPublicKey: string;
}

/** One cloud at a time in each of the test runner's workers. */
function addressesOfWorker(): { ipv4: { first: string; last: string }; ipv6: string } {
  return {
    ipv4: { first: testAddress(20), last: testAddress(79) },
    ipv6: `2001:db8:${(0x100 + hostNumber(20)).toString(16)}::/48`,
  };
}

/** What its cloud is like. */
export interface StackChoice {
  /** Server types that locations have none of. */
  readonly soldOut?: readonly { readonly serverType: string; readonly location: string }[];
}

/** Lays out a project, starts a cloud, and makes an empty stack. Call `close` whatever happens. */
export async function createStack({ soldOut = [] }: StackChoice = {}): Promise<StackFixture> {
  const name = randomBytes(4).toString("hex");
  const folder = path.join(packageRoot(), ".fleet", "tests", name);
  const toolchain = await loadToolchain();
  const machines = await createMachineFactory();
  const token = randomBytes(32).toString("hex");
  const bootDelayMs = process.env["NIXOS_ANYWHERE"] === undefined ? 100 : 3500;
  const cloud = await startHetznerCloud({
    token,
    machines,
    addresses: addressesOfWorker(),
    bootDelayMs,
    soldOut,
    frontends: worldFrontends,
  });
  const project = createProject(folder, toolchain.env);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "test", workDir: project.folder },
    { envVars: { ...project.environment } },
  );
  const fixed = {
    "hcloud:token": token,
    "hcloud:endpoint": cloud.endpoint,
    "hcloud:pollInterval": "100ms",
    "fleet:defaults": { protect: false, kexec: buildKexecTarball(folder) },
  };
  return {
    project,
    cloud,
    token,
    machines,
    stack,
    configure: (hosts, more = {}) => project.configure("test", { ...fixed, ...more, "fleet:hosts": hosts }),
    up: (options = {}) =>
      record((onEvent, onOutput) => stack.up({ ...options, onEvent, onOutput, onError: onOutput })),
    preview: (options = {}) =>
      record((onEvent, onOutput) => stack.preview({ ...options, onEvent, onOutput, onError: onOutput })),
    refresh: () => record((onEvent, onOutput) => stack.refresh({ onEvent, onOutput })),
    destroy: () => record((onEvent, onOutput) => stack.destroy({ onEvent, onOutput })),
    host: async (host) => hostFacts(await stack.outputs(), host),
    close: async () => {
      await cloud.close();
      await machines.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function record(
  operation: (onEvent: (event: EngineEvent) => void, onOutput: (text: string) => void) => Promise<unknown>,
): Promise<EngineRun> {
  const changes: Record<string, OpType> = {};
  const created: string[] = [];
  let output = "";
  const onEvent = (event: EngineEvent) => {
    const done = event.resOutputsEvent?.metadata;
    if (done !== undefined && ["create", "create-replacement"].includes(done.op))
      created.push(nameOf(done.urn));
    const metadata = event.resourcePreEvent?.metadata;
    if (metadata === undefined || ["same", "read", "discard"].includes(metadata.op)) return;
    const name = nameOf(metadata.urn);
    // A replacement is three operations; the one in the middle names it.
    if (changes[name] !== "replace") changes[name] = metadata.op;
  };
  const onOutput = (text: string) => {
    output += text;
  };
  try {
    await operation(onEvent, onOutput);
    return { ok: true, changes, created, output };
  } catch (error) {
    // Its message repeats all that was printed: the name is what is new.
    return {
      ok: false,
      changes,
      created,
      output: `${output}\n${error instanceof Error ? error.name : String(error)}`,
    };
  }
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

function hostFacts(outputs: Awaited<ReturnType<Stack["outputs"]>>, host: string): HostFacts {
  const hosts: Record<string, HostFacts> | undefined = outputs["hosts"]?.value;
  const facts = hosts?.[host];
  if (facts === undefined) throw new Error(`the stack has no output for host "${host}"`);
  return facts;
}
