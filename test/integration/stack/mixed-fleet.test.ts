import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { buildKexecTarball } from "../../harness/nixos-anywhere/kexec/tarball.ts";
import { testAddress } from "../addresses.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";
import type { EngineRun } from "./test-stack.ts";
import { expectUnchanged } from "./unchanged.ts";

const settings = z.record(z.string(), z.unknown());
const stackFile = z.strictObject({
  config: z.looseObject({ "fleet:defaults": settings, "fleet:hosts": z.record(z.string(), settings) }),
});
const text = readFileSync(path.join(packageRoot(), "Pulumi.prod.yaml"), "utf8");
/** Somebody's own stack, in their clone. */
const inUse = /^encryptionsalt:|^encryptedkey:|secure:/m.test(text);

/** What runs on the hosts, made of what they know of each other. */
const configurations = {
  monitor: `{ imports = [ ../web/disko.nix ]; networking.hostName = "monitor"; system.stateVersion = "26.05"; }`,
  edge: `{ config, ... }: {
    imports = [ ../web/disko.nix ];
    networking.hostName = config.fleet.self;
    system.stateVersion = "26.05";
    services.httpd = { enable = true; page = "\${config.fleet.self} before \${config.fleet.hosts.web.peerAddress}"; };
  }`,
  office: `{
    imports = [ ../web/disko.nix ];
    networking.hostName = "office";
    system.stateVersion = "26.05";
    fleet.trustFleetHostKeys = true;
  }`,
} as const;

/** The six hosts of Pulumi.prod.yaml: three at Hetzner, two at Scaleway, one that was there before. In order. */
describe.skipIf(inUse)("a fleet of two clouds and a machine of one's own", () => {
  let fixture: StackFixture;
  let scaleway: ScalewayCloud;
  let machine: TestMachine;
  const { config } = stackFile.parse(parse(text));
  const hetzner = ["db", "monitor", "web"];
  const edges = ["edge-1", "edge-2"];
  const office = testAddress(11);
  const officeKey = generateKeyPair();

  beforeAll(async () => {
    fixture = await createStack();
    scaleway = await startScalewayBeside(fixture, { first: 12, last: 15 });
    machine = await fixture.machines.create({
      id: "existing-office",
      hostname: "office",
      ipv4: office,
      ipv6: null,
      memoryMiB: 4096,
      diskMiB: 512,
      image: "debian-12",
      userData: bootstrapUserData(officeKey),
      authorizedKeys: [],
      bootDelayMs: 3000,
    });
    await addConfigurations();
    configure();
  });
  afterAll(async () => {
    await scaleway?.close();
    await fixture?.close();
  });

  async function addConfigurations(): Promise<void> {
    const { hosts, editHosts } = fixture.project;
    for (const [name, configuration] of Object.entries(configurations)) {
      mkdirSync(path.join(hosts, name));
      writeFileSync(path.join(hosts, name, "default.nix"), configuration);
      editHosts("flake.nix", "db = host ./db;", `db = host ./db;\n        ${name} = host ./${name};`);
    }
    editHosts("web/default.nix", "{\n", "{ config, ... }: {\n");
    editHosts(
      "web/default.nix",
      "from web, version 1",
      `from web, db at \${config.fleet.hosts.db.peerAddress}`,
    );
    await execa("git", ["-C", hosts, "add", "--all"]);
  }

  /** As the file has it, but for what belongs to the test bed; `destroy` must be allowed. */
  function configure(own: object = {}): void {
    const { office: inFile, ...hosts } = config["fleet:hosts"];
    fixture.configure(
      { ...hosts, office: { ...inFile, address: office, hostKey: officeKey.publicKey, ...own } },
      {
        ...config,
        "fleet:defaults": {
          ...config["fleet:defaults"],
          protect: false,
          deleteProtection: false,
          kexec: buildKexecTarball(fixture.project.folder),
        },
        ...scalewayConfig(scaleway),
      },
    );
  }

  const deployed = ({ created }: EngineRun) =>
    created
      .filter((name) => name.endsWith("-deployment-run"))
      .map((name) => name.replace("-deployment-run", ""))
      .sort();
  const unexpected = () => [...fixture.cloud.journal.unexpected(), ...scaleway.journal.unexpected()];

  it("is previewed as a whole", async () => {
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    const servers = Object.keys(run.changes).filter((name) => /^[a-z0-9-]+-instance$/.test(name));
    expect(servers.sort()).toEqual([...hetzner, ...edges].sort().map((name) => `${name}-instance`));
  });

  it("comes into being, but for the machine that nobody has let us in to", async () => {
    const run = await fixture.up({ continueOnError: true });
    expect(run.ok).toBe(false);
    expect(deployed(run), run.output).toEqual([...hetzner, ...edges].sort());
    const line = /authorized_keys\) this line: (ssh-ed25519 \S+)/.exec(run.output)?.[1];
    expect(line, run.output).toBeDefined();
    await machine.console(
      ["sh", "-c", "mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys"],
      `${line}\n`,
    );
  });

  it("is complete once that machine is let in and may be wiped, and nobody else is touched", async () => {
    const before = await Promise.all([...hetzner, ...edges].map((host) => lifeOf(fixture, host)));
    configure({ wipe: "office" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployed(run)).toEqual(["office"]);
    expect(await Promise.all([...hetzner, ...edges].map((host) => lifeOf(fixture, host)))).toEqual(before);
  });

  it("consists of hosts that know each other, over clouds and within", async () => {
    const { address } = await fixture.host("web");
    expect(await pageOf(address)).toBe("Hello from web, db at 10.0.1.3");
    for (const edge of edges)
      expect(await pageOf((await fixture.host(edge)).address)).toBe(`${edge} before ${address}`);
    const known = await onHost(fixture, "office", "cat", "/etc/ssh/ssh_known_hosts");
    for (const name of [...hetzner, ...edges]) {
      const host = await fixture.host(name);
      expect(known).toContain(host.hostPublicKey);
      expect(known).toContain(host.address);
    }
  });

  it("stays as it is with the next up and a refresh, without the permission to wipe", async () => {
    configure();
    expectUnchanged(await fixture.up());
    expectUnchanged(await fixture.refresh());
    expect((await fixture.preview()).changes).toEqual({});
  });

  it("changes where its configuration does, and nowhere else", async () => {
    fixture.project.editHosts("edge/default.nix", " before ", " in front of ");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({
      "edge-1-deployment-run": "replace",
      "edge-2-deployment-run": "replace",
    });
  });

  it("leaves two empty clouds and a running machine after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect([fixture.cloud.inventory(), scaleway.inventory()]).toEqual([[], []]);
    expect((await machine.console(["cat", "/etc/hostname"])).trim()).toBe("office");
    expect(unexpected()).toEqual([]);
  });
});
