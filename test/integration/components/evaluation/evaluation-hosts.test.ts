import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  EvaluationMachines,
  type MachineOfHost,
} from "../../../../components/evaluation/evaluation-hosts.ts";
import { RecordedHosts } from "../../../../components/state/recorded-hosts.ts";
import type { BuildPlan } from "../../../../model/protocol/build.ts";
import type { InstallerSpec } from "../../../../runtime/install/evaluation-installer.ts";
import { NoEvaluationHostError } from "../../../../runtime/nix/evaluation-hosts.ts";
import { RecordedState } from "../../../../runtime/pulumi/recorded-state.ts";
import { freePort, generateKeyPair, type LocalSshd, startSshd } from "../../ssh/local-sshd.ts";

const key = generateKeyPair();
const hostKey = generateKeyPair();
const running: LocalSshd[] = [];
let withNix: LocalSshd;
let withoutNix: LocalSshd;

/** A real SSH server whose logins find a Nix on their PATH, or none. */
async function startMachine(nix: boolean, port?: number): Promise<LocalSshd> {
  const folders = nix ? process.env["PATH"] : "/usr/bin:/bin";
  const sshd = await startSshd({
    authorizedKeys: [key.publicKey],
    hostKey,
    settings: [`SetEnv PATH=${folders}`],
    ...(port === undefined ? {} : { port }),
  });
  running.push(sshd);
  return sshd;
}

beforeAll(async () => {
  withNix = await startMachine(true);
  withoutNix = await startMachine(false);
});
afterEach(async () => {
  for (const sshd of running.splice(2)) await sshd.stop();
});
afterAll(async () => {
  for (const sshd of running) await sshd.stop();
});

const unknown = () => pulumi.output<never>(pulumi.unknown as never);
const connectionTo = (port: number) => ({
  address: "127.0.0.1",
  user: "root",
  privateKey: key.privateKey,
  port,
});

/** A host as the program provides it. `port`: null while its server does not exist. */
function machine(port: number | null, changes: Partial<MachineOfHost> = {}): MachineOfHost {
  const connection = port === null ? unknown() : pulumi.output(connectionTo(port));
  return {
    connection,
    hostKey: pulumi.output(hostKey.publicKey),
    way: pulumi.output([]),
    entry: port === null ? unknown() : entryOf({}),
    installed: port === null ? unknown() : pulumi.output("i"),
    build: { on: "auto" },
    plan: pulumi.output<BuildPlan>({ on: "auto" }),
    logDirectory: "/nonexistent",
    resource: new pulumi.ComponentResource("test:index:Host", "host"),
    ...changes,
  };
}

/** Only what decides is given: a machine that is entered would fail for want of the rest. */
function entryOf(changes: Partial<InstallerSpec>): pulumi.Output<InstallerSpec> {
  return pulumi.output({ serverId: "17", reinstall: null, bootstrap: "kexec", ...changes } as InstallerSpec);
}

/** A state in which `web` was installed on servers with these ids. */
function installedOn(...servers: string[]): RecordedState {
  const resources = servers.map((id) => ({
    urn: "urn:pulumi:test::pulumi-nixos::command:local:Command::web-install-run",
    type: "command:local:Command",
    inputs: { triggers: [id, ""] },
  }));
  return new RecordedState(JSON.stringify({ deployment: { resources } }));
}

interface Scene {
  readonly preview?: boolean;
  readonly state?: RecordedState | string;
  /** Seconds for machines to answer: many, since these are real, unless none of them is there. */
  readonly soon?: number;
}

/** Where a host's system would be evaluated: SSH's name of the machine, or what has to be there first. */
async function placeFor(
  host: string | null,
  machines: Readonly<Record<string, MachineOfHost>>,
  { preview = true, state = installedOn(), soon = 20 }: Scene = {},
): Promise<string> {
  const found = new EvaluationMachines(Object.keys(machines), {
    preview,
    recordedHosts: new RecordedHosts(
      Object.keys(machines).map((name) => ({ name, aliases: [], allowUnreachable: false, reinstall: null })),
      async () => state,
    ),
    contactSeconds: { soon, late: 60 },
  });
  for (const [name, each] of Object.entries(machines)) found.provide(name, each);
  const answer = await found.use(host, async (session) => session.target.host);
  return answer.kind === "done" ? answer.value : `postponed until ${answer.until}`;
}

const untilItself = 'postponed until server "web" exists and runs the installer';

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ inputs }) => ({ id: "1", state: inputs }),
    call: ({ inputs }) => inputs,
  });
});

describe("without Nix here a system is evaluated", () => {
  it("on the host itself, if it has Nix", async () => {
    const others = { db: machine(withNix.port) };
    expect(await placeFor("web", { web: machine(withNix.port), ...others })).toBe("web");
  });

  it("on any other host where that one has none, does not answer or is not there", async () => {
    const db = machine(withNix.port);
    expect(await placeFor("web", { web: machine(withoutNix.port), db })).toBe("db");
    expect(await placeFor("web", { web: machine(await freePort()), db })).toBe("db");
    expect(await placeFor("web", { web: machine(null), db })).toBe("db");
  });

  it("on its build host, and nowhere else", async () => {
    const machineThere = {
      name: "big",
      connection: connectionTo(withNix.port),
      hostKey: hostKey.publicKey,
    };
    const build = { on: "host", host: "big" } as const;
    const plan = pulumi.output<BuildPlan>({ on: "machine", machine: machineThere });
    const web = machine(withNix.port, { build, plan });
    expect(await placeFor("web", { web, big: machine(withNix.port) })).toBe("big");
    const absent = machine(withNix.port, { build, plan: unknown() });
    expect(await placeFor("web", { web: absent, big: machine(null) })).toBe(
      'postponed until "big" is installed',
    );
    const connection = connectionTo(await freePort());
    const down = pulumi.output<BuildPlan>({ on: "machine", machine: { ...machineThere, connection } });
    const hosts = { web: machine(withNix.port, { build, plan: down }), big: machine(1) };
    const lost = placeFor("web", hosts, { soon: 1 });
    await expect(lost).rejects.toThrow(NoEvaluationHostError);
  });

  it("later, where the server or the way to it is not there yet", async () => {
    expect(await placeFor("web", { web: machine(null) })).toBe(untilItself);
    expect(await placeFor("web", { web: machine(withNix.port, { way: unknown() }) })).toBe(untilItself);
  });
});

describe("where no host has Nix that answers", () => {
  it("a preview leaves open what is yet to be installed", async () => {
    expect(await placeFor("web", { web: machine(await freePort()) }, { soon: 1 })).toBe(untilItself);
    expect(await placeFor("web", { web: machine(withoutNix.port) })).toBe(untilItself);
    const other = installedOn("16");
    expect(await placeFor("web", { web: machine(withoutNix.port) }, { state: other })).toBe(untilItself);
    const again = machine(withoutNix.port, { entry: entryOf({ reinstall: "again" }) });
    expect(await placeFor("web", { web: again }, { state: installedOn("17") })).toBe(untilItself);
  });

  it("an installed host is never booted into anything: what was seen of it is told", async () => {
    for (const preview of [true, false]) {
      const error = await placeFor(
        "web",
        { web: machine(withoutNix.port) },
        { state: installedOn("17"), preview },
      ).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(NoEvaluationHostError);
      expect(String(error)).toContain("no machine can evaluate: there is no `nix` on the machine");
    }
  });

  it("neither is one that was taken over with its NixOS", async () => {
    const adopted = machine(withoutNix.port, { entry: null });
    await expect(placeFor("web", { web: adopted }, { preview: false })).rejects.toThrow(
      NoEvaluationHostError,
    );
  });

  it("neither is one that is taken over in place, which has no installer", async () => {
    const infected = machine(withoutNix.port, { entry: entryOf({ bootstrap: "infect" }) });
    for (const preview of [true, false])
      await expect(placeFor("web", { web: infected }, { preview })).rejects.toThrow(NoEvaluationHostError);
  });

  it("an update waits for an installed host to answer", async () => {
    const port = await freePort();
    const found = placeFor(
      "web",
      { web: machine(port) },
      { state: installedOn("17"), preview: false, soon: 1 },
    );
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await startMachine(true, port);
    expect(await found).toBe("web");
  });

  it("a state that cannot be read is an error of its own", async () => {
    const asked = placeFor("web", { web: machine(withoutNix.port) }, { state: "no state" });
    await expect(asked).rejects.toThrow("no state");
  });
});

describe("sources that belong to no host are read", () => {
  it("by whichever machine can", async () => {
    const hosts = { a: machine(withoutNix.port, { entry: null }), b: machine(withNix.port) };
    expect(await placeFor(null, hosts)).toBe("b");
  });

  it("later, if that may help, or not at all", async () => {
    const broken = machine(withoutNix.port, { entry: null });
    expect(await placeFor(null, { a: broken, web: machine(null) })).toBe(untilItself);
    await expect(placeFor(null, { a: broken })).rejects.toThrow(NoEvaluationHostError);
  });
});
