import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { testAddress } from "../addresses.ts";
import { formattings } from "../install/installing.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, onHost, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** Machines nobody's cloud made: one to wipe and then to take over, one that is only looked at. In order. */
describe("an existing machine", () => {
  let fixture: StackFixture;
  let machine: TestMachine;
  let other: TestMachine;
  let hostKey: string;
  const address = testAddress(10);
  const otherAddress = testAddress(11);

  beforeAll(async () => {
    fixture = await createStack();
    const keys = generateKeyPair();
    hostKey = keys.publicKey;
    machine = await createMachine("mine", address, keys);
    other = await createMachine("other", otherAddress, generateKeyPair());
  });
  afterAll(() => fixture.close());

  async function createMachine(name: string, ipv4: string, keys: KeyPair): Promise<TestMachine> {
    return await fixture.machines.create({
      id: `existing-${name}`,
      hostname: name,
      ipv4,
      ipv6: null,
      memoryMiB: 4096,
      diskMiB: 512,
      image: "debian-12",
      userData: bootstrapUserData(keys),
      authorizedKeys: [],
      bootDelayMs: 3000,
    });
  }

  const keyOf = async (of: TestMachine) =>
    (await of.console(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])).trim();
  const bootIdOf = async (of: TestMachine) =>
    (await of.console(["cat", "/proc/sys/kernel/random/boot_id"])).trim();

  /** No cloud takes part: a token would be asked for if one did. */
  function configure(hosts: Readonly<Record<string, object>>): void {
    const existing = Object.entries(hosts).map(([name, settings]) => [
      name,
      { provider: "existing", ...settings },
    ]);
    fixture.configure(Object.fromEntries(existing), { "hcloud:token": "" });
  }

  /** What a person does with the line that a failed contact names. */
  async function letIn(output: string, to: TestMachine): Promise<void> {
    const line = /authorized_keys\) this line: (ssh-ed25519 \S+)/.exec(output)?.[1];
    expect(line, output).toBeDefined();
    const append = "mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys";
    await to.console(["sh", "-c", append], `${line}\n`);
  }

  it("that shows another key than the pinned one is refused with both fingerprints", async () => {
    const pinned = generateKeyPair().publicKey;
    configure({ web: { address, hostKey: pinned } });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain(fingerprint(pinned));
    expect(run.output).toContain(`shown was ${fingerprint(hostKey)}`);
    expect(await machine.sshCommands()).toEqual([]);
  });

  it("that does not let us in is told which key to let in", async () => {
    configure({ web: { address, hostKey } });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain('refuses the key for user "root"');
    await letIn(run.output, machine);
  });

  it("with data on its disks is refused, and what is on them is listed", async () => {
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("refused to install: it is an existing machine (debian)");
    expect(run.output).toMatch(/\/dev\/sda 512 MiB.*\/dev\/sda1 \S+ MiB ext4/);
    expect(run.output).toContain("set wipe: web");
    expect(await formattings(machine)).toBe(0);
  });

  it("is installed and deployed where its configuration says so", async () => {
    configure({ web: { address, hostKey, wipe: "web" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(Object.keys(run.changes).filter((name) => /bootstrap-key|hetzner|firewall/.test(name))).toEqual(
      [],
    );
    const host = await fixture.host("web");
    expect(host).toMatchObject({ id: fingerprint(hostKey), address });
    expect(host.hostPublicKey).not.toBe(hostKey.split(" ").slice(0, 2).join(" "));
    expect((await lifeOf(fixture, "web")).system).toBe(host.system);
    expect(await pageOf(address)).toBe("Hello from web, version 1");
    expect(fixture.cloud.journal.entries()).toEqual([]);
  });

  it("stays as it is with the second up, also without the permission to wipe it", async () => {
    configure({ web: { address, hostKey } });
    expectUnchanged(await fixture.up());
    expect(await formattings(machine)).toBe(1);
  });

  it("is deployed in place like any other host", async () => {
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(await pageOf(address)).toBe("Hello from web, version 2");
  });

  it("keeps running after destroy", async () => {
    const bootId = await bootIdOf(machine);
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(await bootIdOf(machine)).toBe(bootId);
    expect(await pageOf(address)).toBe("Hello from web, version 2");
  });

  it("that carries another host's identity is not taken over", async () => {
    configure({ shop: { address, hostKey: await keyOf(machine), bootstrap: "none", flake: "./hosts#web" } });
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    await letIn(stranger.output, machine);
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    expect(refused.output).toContain("refused to take over: it is web of stack pulumi-nixos/test");
    expect(refused.output).toContain("remove /etc/fleet/identity.json");
  });

  it("that runs NixOS is taken over as it is, with the key it has", async () => {
    await machine.console(["rm", "-r", "/etc/fleet"]);
    const before = { key: await keyOf(machine), bootId: await bootIdOf(machine) };
    fixture.project.editHosts("web/default.nix", "version 2", "version 3");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).not.toHaveProperty("shop-host-key");
    const host = await fixture.host("shop");
    expect(before.key).toContain(host.hostPublicKey);
    expect(await lifeOf(fixture, "shop")).toMatchObject({ name: "shop", bootId: before.bootId });
    expect(await onHost(fixture, "shop", "stat", "-c", "%a", "/etc/fleet", "/etc/fleet/identity.json")).toBe(
      "755\n644",
    );
    expect(await keyOf(machine)).toBe(before.key);
    expect(await formattings(machine)).toBe(1);
    expect(await pageOf(address)).toBe("Hello from web, version 3");
    expectUnchanged(await fixture.up());
  });

  it("that runs no NixOS is not taken over, and its first key stays pinned", async () => {
    const shop = { address, hostKey: await keyOf(machine), bootstrap: "none", flake: "./hosts#web" };
    const mail = { address: otherAddress, trustOnFirstUse: true, bootstrap: "none", flake: "./hosts#db" };
    configure({ shop, mail });
    const first = await fixture.up();
    expect(first.ok).toBe(false);
    const key = await keyOf(other);
    expect(first.output).toContain(`pinned from now on: ${fingerprint(key)}`);
    await letIn(first.output, other);

    const refused = await fixture.up();
    expect(refused.output).toContain("refused to take over: it runs no NixOS (debian)");
    await other.console(["sh", "-c", "rm -f /etc/ssh/ssh_host_*; ssh-keygen -A"]);
    await other.reset();

    const swapped = await fixture.up();
    expect(swapped.ok).toBe(false);
    expect(swapped.output).toContain(`pinned is ${fingerprint(key)}`);
    expect(Object.keys(swapped.changes).filter((name) => name.startsWith("shop"))).toEqual([]);
  });
});
