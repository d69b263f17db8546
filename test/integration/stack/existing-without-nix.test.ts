import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { environmentWithoutNix } from "../../harness/project/without-nix.ts";
import { testAddress } from "../addresses.ts";
import { formattings } from "../install/installing.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** A machine nobody's cloud made, and an operator who has nothing but Node, Pulumi and OpenSSH. In order. */
describe("an existing machine, for an operator without Nix", () => {
  let fixture: StackFixture;
  let machine: TestMachine;
  const address = testAddress(12);
  const keys = generateKeyPair();

  beforeAll(async () => {
    fixture = await createStack();
    const folder = path.join(fixture.project.folder, "without-nix");
    fixture.useEnvironment(environmentWithoutNix(fixture.project.environment, folder));
    machine = await fixture.machines.create({
      id: "existing-without-nix",
      hostname: "mine",
      ipv4: address,
      ipv6: null,
      memoryMiB: 4096,
      diskMiB: 512,
      image: "debian-12",
      userData: bootstrapUserData(keys),
      authorizedKeys: [],
      bootDelayMs: 3000,
    });
  });
  afterAll(() => fixture.close());

  /** Slow answers, while other tests are run, are answers. */
  const patient = { "fleet:deadlines": { preview: { host: 60 } } };

  function configure(name: string, settings: object): void {
    const host = { provider: "existing", address, ...settings };
    fixture.configure({ [name]: host }, { ...patient, "hcloud:token": "" });
  }

  const bootId = () => machine.console(["cat", "/proc/sys/kernel/random/boot_id"]);

  async function letIn(output: string): Promise<void> {
    const line = /authorized_keys\) this line: (ssh-ed25519 \S+)/.exec(output)?.[1];
    expect(line, output).toBeDefined();
    const append = "mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys";
    await machine.console(["sh", "-c", append], `${line}\n`);
  }

  it("that may not be wiped is not even taken into an installer", async () => {
    configure("web", { hostKey: keys.publicKey });
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    await letIn(stranger.output);
    const before = await bootId();
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("it is an existing machine (debian)");
    expect(run.output).toContain("set wipe: web");
    expect(await bootId()).toBe(before);
    expect(await formattings(machine)).toBe(0);
  });

  it("is installed where its configuration says so: evaluated and built in its own installer", async () => {
    configure("web", { hostKey: keys.publicKey, wipe: "web" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toContain("starting the host's installer to evaluate there");
    const { system } = await fixture.host("web");
    expect((await lifeOf(fixture, "web")).system).toBe(system);
    expect(await pageOf(address)).toBe("Hello from web, version 1");
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expect(await formattings(machine)).toBe(1);
  });

  it("stays as it is with the second up, and is deployed to where something changed", async () => {
    configure("web", { hostKey: keys.publicKey });
    expectUnchanged(await fixture.up());
    fixture.project.editHosts("web/default.nix", "version 1", "version 2");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace" });
    expect(await pageOf(address)).toBe("Hello from web, version 2");
  });

  it("that runs NixOS is taken over as it is: its own Nix evaluates and builds", async () => {
    const destroyed = await fixture.destroy();
    expect(destroyed.ok, destroyed.output).toBe(true);
    await machine.console(["rm", "-r", "/etc/fleet"]);
    const before = await bootId();
    const hostKey = (await machine.console(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])).trim();
    configure("shop", { hostKey, bootstrap: "none", flake: "./hosts#web" });
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    await letIn(stranger.output);
    fixture.project.editHosts("web/default.nix", "version 2", "version 3");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await pageOf(address)).toBe("Hello from web, version 3");
    expect(await bootId()).toBe(before);
    expect(await formattings(machine)).toBe(1);
    expectUnchanged(await fixture.up());
  });
});
