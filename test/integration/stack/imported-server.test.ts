import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { formattings } from "../install/installing.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

const answer = z.object({
  server: z.object({ id: z.number(), public_net: z.object({ ipv4: z.object({ ip: z.string() }) }) }),
});

/** Servers at Hetzner that somebody made by hand: taken over with their disks, wiped, or through rescue. In order. */
describe("an imported server", () => {
  let fixture: StackFixture;
  let kept: Made;
  const keys = generateKeyPair();

  interface Made {
    readonly id: number;
    readonly address: string;
    readonly machine: TestMachine;
  }

  beforeAll(async () => {
    fixture = await createStack();
    kept = await makeServer("by-hand", keys);
  });
  afterAll(() => fixture.close());

  async function makeServer(name: string, hostKey: KeyPair): Promise<Made> {
    const response = await fetch(`${fixture.cloud.endpoint}/servers`, {
      method: "POST",
      headers: { authorization: `Bearer ${fixture.token}` },
      body: JSON.stringify({
        name,
        server_type: "cx33",
        image: "debian-13",
        location: "hel1",
        labels: { team: "b" },
        user_data: bootstrapUserData(hostKey),
      }),
    });
    const { server } = answer.parse(await response.json());
    for (let waited = 0; waited < 30_000; waited += 100) {
      const machine = fixture.machines.find(`hc-${server.id}`);
      if (machine !== undefined && (await booted(machine)))
        return { id: server.id, address: server.public_net.ipv4.ip, machine };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`server ${name} did not boot`);
  }

  const booted = (machine: TestMachine) =>
    machine.console(["cloud-init", "status", "--wait"]).then(
      () => true,
      () => false,
    );

  async function serverOf(id: number): Promise<unknown> {
    const response = await fetch(`${fixture.cloud.endpoint}/servers/${id}`, {
      headers: { authorization: `Bearer ${fixture.token}` },
    });
    return await response.json();
  }

  async function letIn(output: string, to: TestMachine): Promise<void> {
    const line = /authorized_keys\) this line: (ssh-ed25519 \S+)/.exec(output)?.[1];
    expect(line, output).toBeDefined();
    await to.console(["sh", "-c", "mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys"], `${line}\n`);
  }

  const changing = () =>
    fixture.cloud.journal
      .entries()
      .filter(({ method, path }) => method !== "GET" && path.startsWith("/servers"));

  it("that does not exist is told before anything is made", async () => {
    fixture.configure({ web: { importServer: 4711, hostKey: keys.publicKey } });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("fleet:hosts.web.importServer: is the id of no server in the project");
    expect(run.changes).toEqual({ "pulumi-nixos-test": "create" });
  });

  it("is imported, and refused as long as it may not be wiped", async () => {
    fixture.cloud.journal.clear();
    fixture.configure({ web: { importServer: kept.id, hostKey: keys.publicKey } });
    const preview = await fixture.preview();
    expect(preview.output).not.toContain("warning");
    expect(preview.changes["web-instance"]).toBe("import");
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    expect(stranger.changes["web-instance"]).toBe("import");
    await letIn(stranger.output, kept.machine);
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    expect(refused.output).toContain("refused to install: it is an existing machine (debian)");
    expect(refused.output).toContain("set wipe: web");
    expect(await formattings(kept.machine)).toBe(0);
    expect(changing()).toEqual([]);
  });

  it("is installed where it may be wiped, and stays what it is at Hetzner", async () => {
    const before = await serverOf(kept.id);
    fixture.configure({ web: { importServer: kept.id, hostKey: keys.publicKey, wipe: "web" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await pageOf(kept.address)).toBe("Hello from web, version 1");
    expect(await serverOf(kept.id)).toEqual(before);
    expect(changing()).toEqual([]);
    expect(await fixture.host("web")).toMatchObject({ id: String(kept.id), address: kept.address });
    fixture.configure({ web: { importServer: kept.id, hostKey: keys.publicKey } });
    expectUnchanged(await fixture.up());
    expectUnchanged(await fixture.refresh());
    expectUnchanged(await fixture.up());
  });

  it("outlives the stack", async () => {
    const before = await lifeOf(fixture, "web");
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(changing()).toEqual([]);
    expect(await pageOf(kept.address)).toBe("Hello from web, version 1");
    await kept.machine.console(["rm", "-r", "/etc/fleet"]);
    expect(before.name).toBe("web");
  });

  it("that runs NixOS is taken over as it is, with the key it shows first", async () => {
    fixture.configure({ web: { importServer: kept.id, trustOnFirstUse: true, bootstrap: "none" } });
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    await letIn(stranger.output, kept.machine);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const shown = await kept.machine.console(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]);
    expect(stranger.output).toContain(fingerprint(shown));
    expect(await formattings(kept.machine)).toBe(1);
    expect(changing()).toEqual([]);
    expectUnchanged(await fixture.up());
  });

  it("is entered through rescue without its key, where it may be wiped", async () => {
    const other = await makeServer("locked", generateKeyPair());
    const web = { importServer: kept.id, trustOnFirstUse: true, bootstrap: "none" };
    const shop = { importServer: other.id, bootstrap: "rescue", flake: "./hosts#web" };
    fixture.configure({ web, shop });
    const refused = await fixture.up();
    expect(refused.ok).toBe(false);
    expect(await booted(other.machine)).toBe(true);
    fixture.configure({ web, shop: { ...shop, wipe: "shop" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toContain("rescue: its host key is trusted on first use");
    expect(await lifeOf(fixture, "shop")).toMatchObject({ name: "shop" });
    expectUnchanged(await fixture.up());
  });

  it("that the stack has made itself is none to import", async () => {
    fixture.configure({ web: { importServer: kept.id, trustOnFirstUse: true, bootstrap: "none" }, db: {} });
    expect((await fixture.up()).output).toContain("db");
    const { id } = await fixture.host("db");
    fixture.configure({ mail: { importServer: Number(id), trustOnFirstUse: true }, db: {} });
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain(
      'fleet:hosts.mail.importServer: is a server of this stack already: it was created for host "db"',
    );
  });
});
