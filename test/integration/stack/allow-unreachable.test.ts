import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { status } from "../../../cli/commands/status.ts";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { hostNumber } from "../addresses.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

async function connectTo(host: string): Promise<void> {
  const socket = connect({ host, port: 22 });
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

/** A machine that is only sometimes on, beside a server that always is, both reached by IPv6 alone. In order. */
describe("a host that may be unreachable, by IPv6 only", () => {
  let fixture: StackFixture;
  let laptop: TestMachine;
  const address = `2001:db8:0:${hostNumber(10)}::1`;

  beforeAll(async () => {
    fixture = await createStack();
    laptop = await fixture.machines.create({
      id: "laptop",
      hostname: "laptop",
      ipv4: null,
      ipv6: address,
      memoryMiB: 4096,
      diskMiB: 512,
      image: "debian-12",
      userData: bootstrapUserData(generateKeyPair()),
      authorizedKeys: [],
      bootDelayMs: 100,
    });
  });
  afterAll(() => fixture.close());

  const settings = {
    provider: "existing",
    address,
    trustOnFirstUse: true,
    flake: "./hosts#web",
    wipe: "laptop",
  };
  function configure(allowUnreachable: boolean, deadlines: object = {}): void {
    fixture.configure(
      { web: { ipv4: false }, laptop: { ...settings, allowUnreachable } },
      { "fleet:deadlines": deadlines },
    );
  }

  const edit = (from: number, to: number) =>
    fixture.project.editHosts("web/default.nix", `version ${from}`, `version ${to}`);
  const laptopSays = () => pageOf(`[${address}]`);
  const webSays = async () => pageOf(`[${(await fixture.host("web")).address}]`);

  /** Switches it on, and waits until it answers: a look of a busy machine may be too short for a whole boot. */
  async function switchOn(): Promise<void> {
    await laptop.powerOn();
    await vi.waitFor(() => connectTo(address), { timeout: 120_000, interval: 200 });
  }

  /** Exit code and table of `fleet status`. */
  async function statusOf(...selectors: string[]): Promise<{ code: number; table: string }> {
    let table = "";
    const { folder: projectRoot, environment } = fixture.project;
    const write = (text: string) => {
      table += text;
    };
    const stack = { projectRoot, stack: "test", environment };
    const code = await status(stack, selectors, { json: false, write });
    return { code, table };
  }

  it("must be on for its install", async () => {
    await laptop.powerOff();
    configure(true, { install: { contact: 3 } });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(run.output).toMatch(/laptop: .*failed: .*2001:db8/);
    await switchOn();
  });

  it("is installed and deployed like any other, as is a server without IPv4", async () => {
    configure(true);
    const stranger = await fixture.up();
    expect(stranger.ok).toBe(false);
    const line = /authorized_keys\) this line: (ssh-ed25519 \S+)/.exec(stranger.output)?.[1];
    expect(line, stranger.output).toBeDefined();
    const append = "mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys";
    await laptop.console(["sh", "-c", append], `${line}\n`);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await laptopSays()).toBe("Hello from web, version 1");
    expect(await webSays()).toBe("Hello from web, version 1");
    expect((await fixture.host("web")).address).toMatch(/^2001:db8:/);
    expect(await statusOf()).toMatchObject({ code: 0 });
  });

  it("that is away makes its deployment wait, and others go on", async () => {
    await laptop.powerOff();
    edit(1, 2);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "web-deployment-run": "replace", "laptop-deployment-run": "replace" });
    expect(run.output).toContain("laptop: its deployment is pending: it could not be reached");
    expect(await webSays()).toBe("Hello from web, version 2");
    const { code, table } = await statusOf();
    expect(code).toBe(1);
    expect(table).toMatch(/laptop .*pending/);
    expect(table).toContain("its deployment waits for it");
    const ofOne = await statusOf("web");
    expect(ofOne.code).toBe(0);
    expect(ofOne.table).toMatch(/web .*current/);
    expect(ofOne.table).not.toContain("laptop");
    await expect(statusOf("wep")).rejects.toThrow(/"wep".*"web"/s);
  });

  it("stays pending as long as it is away, and says so every time", async () => {
    for (const operate of [fixture.preview, fixture.up]) {
      const run = await operate();
      expectUnchanged(run);
      expect(run.output).toContain("laptop: its deployment is pending");
    }
  });

  it("is deployed once it is back, although nothing else has changed", async () => {
    await switchOn();
    const preview = await fixture.preview();
    expect(preview.changes, preview.output).toEqual({ "laptop-deployment-run": "replace" });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual({ "laptop-deployment-run": "replace" });
    expect(run.output).not.toContain("pending:");
    expect(await laptopSays()).toBe("Hello from web, version 2");
    expectUnchanged(await fixture.up());
    expect(await statusOf()).toMatchObject({ code: 0 });
  });

  it("that is away while nothing is wanted of it is not worth a word", async () => {
    await laptop.powerOff();
    const run = await fixture.preview();
    expectUnchanged(run);
    expect(run.output).not.toContain("laptop:");
    const { code, table } = await statusOf();
    expect(code).toBe(0);
    expect(table).toMatch(/laptop .*away/);
  });

  it("is a failure when it is away and may no longer be so, until it is back", async () => {
    edit(2, 3);
    expect(await fixture.up()).toMatchObject({ ok: true });
    configure(false, { deploy: { contact: 3 } });
    const failed = await fixture.up();
    expect(failed.ok).toBe(false);
    expect(failed.output).toMatch(/laptop: contact failed: .* could not be reached within/);
    await switchOn();
    configure(false);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await laptopSays()).toBe("Hello from web, version 3");
  });
});
