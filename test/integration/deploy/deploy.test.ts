import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testAddress } from "../addresses.ts";
import { recordedCalls } from "./recorded-calls.ts";
import { createScene, type Scene } from "./scene.ts";
import { buildToplevel } from "./systems.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("deploy", testAddress(31));
});
afterAll(() => scene?.close());

/** The program of ours that an SSH command runs. */
function programOf(command: string): string | undefined {
  return /fleet-[a-z-]+(?= \/run\/fleet)|fleet-ready|nix-daemon/.exec(command)?.[0];
}

// Each test goes on where the one before has left the machine, as deployments do.
describe("a deployment", () => {
  it("of what an install has left activates nothing, and makes sure of profile and boot entry", async () => {
    const spec = await scene.spec("one");
    const result = await scene.deploy(spec);
    expect(result).toMatchObject({
      host: "web",
      outcome: "unchanged",
      generation: 1,
      system: spec.system.toplevel,
    });
    const after = await scene.observe();
    expect(after.activations).toEqual(["boot"]);
    expect(after.confirmed).toBe(spec.system.toplevel);
    expect(after.history.map(({ outcome }) => outcome)).toEqual(["unchanged"]);
  });

  it("of what runs and was confirmed changes nothing at all", async () => {
    const before = await scene.observe();
    const commands = (await scene.commands()).length;
    const spec = await scene.spec("one", {
      system: { ...(await scene.spec("one")).system, toplevelDerivation: null },
    });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect(await scene.observe()).toEqual(before);
    // The connection itself and one look.
    expect((await scene.commands()).slice(commands)).toHaveLength(2);
  });

  it("of new content serves it, as a new generation that the next boot starts", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("two");
    const { reporter, lines } = scene.reporter();
    expect(await scene.page()).toContain("one");
    const logins = await scene.logins();
    const commands = (await scene.commands()).length;
    const { deploy } = await import("../../../runtime/deploy/deploy.ts");
    const result = await deploy(spec, { reporter });
    // One connection for everything, and the confirming one.
    expect((await scene.logins()) - logins).toBe(2);
    // Each costs round trips.
    const names = (await scene.commands()).slice(commands).map(programOf);
    expect(names.sort()).toEqual(
      ["fleet-ready", "fleet-hold-lock", "nix-daemon", "fleet-watch-attempt", "fleet-signal-attempt"].sort(),
    );
    expect(await scene.page()).toContain("two");
    expect(result).toMatchObject({
      outcome: "deployed",
      generation: 2,
      system: spec.system.toplevel,
      previousSystem: before.current,
    });
    const after = await scene.observe();
    expect(after).toMatchObject({
      current: spec.system.toplevel,
      profile: spec.system.toplevel,
      bootEntry: spec.system.toplevel,
      confirmed: spec.system.toplevel,
      generations: ["system-1-link", "system-2-link"],
    });
    expect(after.activations.slice(-2)).toEqual(["test", "boot"]);
    expect(after.history.at(-1)).toMatchObject({
      outcome: "deployed",
      from: before.current,
      to: spec.system.toplevel,
      generation: 2,
      request: { stack: spec.stack, host: "web", goal: "switch", dirty: true },
    });
    expect(lines.some((line) => line.includes("confirming over a new connection"))).toBe(true);
  });

  it("keeps the rollback target and the new system from garbage collection", async () => {
    const after = await scene.observe();
    const previous = after.history.at(-1)?.from ?? "";
    const { machine } = scene.web;
    await machine.console(["rm", "/nix/var/nix/profiles/system-1-link"]);
    await machine.console(["nix-collect-garbage"]);
    await machine.console(["test", "-x", `${previous}/bin/switch-to-configuration`]);
    await machine.console(["test", "-x", `${after.current}/bin/switch-to-configuration`]);
  });

  it("survives a reboot", async () => {
    const { current } = await scene.observe();
    await scene.web.machine.reset();
    const result = await scene.deploy(await scene.spec("two"));
    expect(result).toMatchObject({ outcome: "unchanged", system: current });
  });

  it("with goal `test` leaves profile and boot entry alone, and is not run twice", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("three", { goal: "test" });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed", generation: null });
    const after = await scene.observe();
    expect(after).toMatchObject({
      current: spec.system.toplevel,
      profile: before.profile,
      bootEntry: before.bootEntry,
      generations: before.generations,
      confirmed: spec.system.toplevel,
    });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect((await scene.observe()).activations).toEqual(after.activations);
  });

  it("with goal `switch` commits what was only tested", async () => {
    const spec = await scene.spec("three");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    const after = await scene.observe();
    expect([after.profile, after.bootEntry]).toEqual([spec.system.toplevel, spec.system.toplevel]);
  });

  it("with goal `boot` activates nothing, and runs after the reboot", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("four", { goal: "boot" });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "staged" });
    expect(await scene.observe()).toMatchObject({
      current: before.current,
      profile: spec.system.toplevel,
      bootEntry: spec.system.toplevel,
    });
    expect(await scene.page()).toContain("three");
    await scene.web.machine.reset();
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
    expect(await scene.page()).toContain("four");
  });

  it("with goal `dry-activate` changes nothing, and logs what would happen", async () => {
    const before = await scene.observe();
    const spec = await scene.spec("five", { goal: "dry-activate" });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "checked", generation: null });
    const after = await scene.observe();
    expect(after).toMatchObject({
      current: before.current,
      profile: before.profile,
      confirmed: before.confirmed,
    });
    expect(after.activations.at(-1)).toBe("dry-activate");
    expect(after.history.at(-1)).toMatchObject({ outcome: "checked" });
  });

  it("of what goes into a binary cache is pushed before it is copied, and refused where it is built elsewhere", async () => {
    const cache = { push: `file://${scene.logDirectory}/cache`, signingKey: null };
    const before = await scene.observe();
    const elsewhere = await scene.refusal(await scene.spec("cached", { cache, build: { on: "target" } }));
    expect(elsewhere.failure.seen).toContain("this is built on the host itself");
    expect(await scene.observe()).toEqual(before);
    const spec = await scene.spec("cached", { cache });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    const hash = path.basename(spec.system.toplevel).slice(0, 32);
    expect(await readdir(`${scene.logDirectory}/cache`)).toContain(`${hash}.narinfo`);
  });

  it("of what was built before asks Nix here for the copy alone, and confirms with a quick key exchange", async () => {
    const spec = await scene.spec("built before");
    await buildToplevel(spec.system);
    const folder = path.join(scene.logDirectory, "recorded");
    const { nix = [], ssh = [] } = await recordedCalls(["nix", "ssh"], folder, () => scene.deploy(spec));
    expect(nix).toHaveLength(1);
    expect(nix[0]).toContain(` copy --no-check-sigs --substitute-on-destination `);
    const quick = ssh.filter((call) => call.includes("KexAlgorithms=^curve25519-sha256"));
    expect(quick).toHaveLength(1);
    expect(quick[0]).toContain("fleet-signal-attempt");
  });

  it("builds where only the rest of a build that was cut off lies in the store", async () => {
    const spec = await scene.spec("cut off");
    await mkdir(spec.system.toplevel);
    await writeFile(path.join(spec.system.toplevel, "half"), "of it");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(await readdir(spec.system.toplevel)).not.toContain("half");
    expect(await scene.page()).toContain("cut off");
  });

  it("as a user with sudo does the same", async () => {
    await scene.web.machine.console([
      "bash",
      "-c",
      "id operator >/dev/null 2>&1 || echo 'operator:x:1000:100::/home/operator:/bin/sh' >>/etc/passwd; mkdir -p /home/operator /etc/sudoers.d && echo 'operator ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers && chmod 440 /etc/sudoers",
    ]);
    const spec = await scene.spec("six", { connection: { ...scene.web.connection, user: "operator" } });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(await scene.page()).toContain("six");
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
  });

  it("keeps the last 500 lines of history", async () => {
    const { history, current } = await scene.observe();
    const many =
      'file=/var/lib/fleet/history.jsonl; line=$(tail -n 1 "$file"); for _ in $(seq 600); do echo "$line"; done >>"$file"';
    await scene.web.machine.console(["bash", "-c", many]);
    await scene.deploy(await scene.spec("seven"));
    const after = await scene.observe();
    expect(history.length).toBeLessThan(500);
    expect(after.history).toHaveLength(500);
    expect(after.history.at(-1)).toMatchObject({ from: current, to: after.current });
  });
});
