import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { worldFrontends } from "../../harness/cloud/hetzner/balancing/frontends.ts";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { buildKexecTarball } from "../../harness/nixos-anywhere/kexec/tarball.ts";
import { createProject, type TestProject } from "../../harness/project/project.ts";
import { loadToolchain } from "../../harness/toolchain/toolchain.ts";
import { hostNumber, testAddress } from "../addresses.ts";
import { createTestStack, type TestStack } from "./test-stack.ts";

/** A stack of this repository's program on an emulated cloud with real machines. */
export interface StackFixture extends TestStack {
  readonly project: TestProject;
  readonly cloud: HetznerCloud;
  /** Of the cloud. */
  readonly token: string;
  readonly machines: TestMachineFactory;
  /** Replaces the hosts of the stack's configuration; other keys can be given as well. */
  configure(hosts: Readonly<Record<string, unknown>>, more?: Readonly<Record<string, unknown>>): void;
  /** `hosts` output of one host. */
  host(name: string): Promise<HostFacts>;
  close(): Promise<void>;
}

const hostSchema = z.looseObject({
  id: z.string(),
  address: z.string(),
  ipv6: z.string().nullable(),
  system: z.string(),
  hostPublicKey: z.string(),
});
type HostFacts = Readonly<z.infer<typeof hostSchema>>;

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
  const bootDelayMs = process.env["FLEET_NIXOS_ANYWHERE"] === undefined ? 100 : 3500;
  const cloud = await startHetznerCloud({
    token,
    machines,
    addresses: addressesOfWorker(),
    bootDelayMs,
    soldOut,
    frontends: worldFrontends,
  });
  const project = createProject(folder, toolchain.env);
  const stack = await createTestStack(project, "test");
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
    ...stack,
    configure: (hosts, more = {}) => project.configure("test", { ...fixed, ...more, "fleet:hosts": hosts }),
    host: async (host) => hostFacts(stack, host),
    close: async () => {
      await cloud.close();
      await machines.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function hostFacts(stack: TestStack, host: string): Promise<HostFacts> {
  const { hosts } = z.object({ hosts: z.record(z.string(), z.unknown()) }).parse(await stack.outputs());
  const facts = hosts[host];
  if (facts === undefined) throw new Error(`the stack has no output for host "${host}"`);
  return hostSchema.parse(facts);
}
