import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRescuePin } from "../../../engine/rescue/pin.ts";
import { fingerprint } from "../../../engine/ssh/fingerprint.ts";
import { chooseNixosAnywhere } from "../install/bare-machine.ts";
import {
  formattings,
  install,
  onInstalled,
  refusal,
  showConsoleOnFailure,
  startInstall,
} from "../install/installing.ts";
import { type CloudServer, createRescueScene, type RescueScene, settle, until } from "./scene.ts";

let scene: RescueScene;
beforeAll(async () => {
  chooseNixosAnywhere();
  scene = await createRescueScene();
});
afterAll(() => scene.close());

const cloudCalls = (id: number) =>
  scene.cloud.journal
    .entries()
    .filter(({ path }) => path.startsWith(`/servers/${id}/actions/`))
    .map(({ path }) => path.split("/").at(-1));

const identityOf = async ({ spec }: CloudServer) =>
  JSON.parse(await onInstalled(spec, "cat /etc/fleet/identity.json")) as { installId: string };

describe.sequential("rescue as the way out", () => {
  test("a machine that does not come back from kexec is installed through rescue", async () => {
    const server = await scene.server({ wanted: false });
    showConsoleOnFailure(server.machine);
    // What kexec starts has no network: the cable is out from the moment it is asked for.
    const seen = watchFor(server, "nixos-anywhere-kexec.sh");
    const lines: string[] = [];
    const running = install({ ...server.spec, deadlines: { ...server.spec.deadlines, kexec: 45 } }, lines);
    await seen;
    await server.machine.faults.pullCable();
    await until(() => lines.some((line) => line.includes("rescue: booting")));
    await server.machine.faults.plugCable();
    const result = await running;
    expect(result.outcome).toBe("installed");
    expect(lines.join("\n")).toContain("rescue: booting the rescue system (it did not come back from kexec)");
    expect(cloudCalls(server.id)).toEqual(["enable_rescue", "reset"]);
    expect(await formattings(server.machine)).toBe(1);
    expect(await identityOf(server)).toMatchObject({ installId: result.installId });
  });

  test("a new server that does not answer is installed through rescue; where there is none it needs the console", async () => {
    const server = await scene.server({ wanted: false });
    await server.machine.faults.stopSsh();
    const hasty = { ...server.spec, deadlines: { ...server.spec.deadlines, contact: 4 } };
    expect(await refusal({ ...hasty, rescue: null })).toContain("could not be reached within");
    expect(cloudCalls(server.id)).toEqual([]);
    const lines: string[] = [];
    const running = install(hasty, lines);
    await until(() => lines.some((line) => line.includes("rescue: booting")));
    await server.machine.faults.startSsh();
    expect((await running).outcome).toBe("installed");
    expect(lines.join("\n")).toContain("the new server does not answer");
  });

  test("a machine that lost power while it was installed is installed anew from rescue", async () => {
    const server = await scene.server({ wanted: false });
    const { spec, machine } = server;
    const first = startInstall(spec);
    await first.until(/5\/7\] install: copying/);
    first.child.kill("SIGKILL");
    await first.ended;
    await machine.reset();
    const lines: string[] = [];
    const result = await install({ ...spec, deadlines: { ...spec.deadlines, contact: 5 } }, lines);
    expect(result.outcome).toBe("installed");
    expect(lines.join("\n")).toContain("an install of this host did not come to its end");
    expect(await formattings(machine)).toBe(2);
  });

  test("a machine that does not come back after the last reboot is reset once", async () => {
    const server = await scene.server({ wanted: false });
    const { spec, machine, id } = server;
    const lines: string[] = [];
    const running = install({ ...spec, deadlines: { ...spec.deadlines, reboot: 40 } }, lines);
    await until(() => lines.some((line) => line.includes("[6/7] reboot")));
    await machine.faults.pullCable();
    await until(() => lines.some((line) => line.includes("resetting it through the cloud")));
    await machine.faults.plugCable();
    expect((await running).outcome).toBe("installed");
    expect(cloudCalls(id)).toEqual(["reset"]);
    expect(await formattings(machine)).toBe(1);
  });

  test("one that never comes back is given up after that, and needs the console", async () => {
    const { spec, machine, id } = await scene.server({ wanted: false });
    const lines: string[] = [];
    const running = refusal({ ...spec, deadlines: { ...spec.deadlines, reboot: 10 } }, lines);
    await until(() => lines.some((line) => line.includes("[6/7] reboot")));
    await machine.faults.pullCable();
    const message = await running;
    expect(message).toMatch(/phase reboot.*could not be reached/s);
    expect(message).toContain("look at the machine's console");
    expect(cloudCalls(id)).toEqual(["reset"]);
    await machine.faults.plugCable();
    expect((await install(spec)).outcome).toBe("adopted");
  });
});

describe.sequential("in rescue", () => {
  test("killed there, the next run goes on with the key that was pinned", async () => {
    const server = await scene.server();
    const { spec, machine, id, access } = server;
    const first = startInstall(spec);
    await first.until(/looking at the disks of web from rescue/);
    first.child.kill("SIGKILL");
    await first.ended;
    const pinned = await readRescuePin(access.pinFile, access.serverId);
    expect(first.said()).toContain(fingerprint(pinned ?? ""));
    const lines: string[] = [];
    expect((await install(spec, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).not.toContain("rescue: booting");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset"]);
    expect(await formattings(machine)).toBe(1);
  });

  test("killed after kexec from there, the next run goes on in the installer", async () => {
    const { spec, machine, id } = await scene.server();
    const first = startInstall(spec);
    await first.until(/4\/7\] disko/);
    first.child.kill("SIGKILL");
    await first.ended;
    const lines: string[] = [];
    expect((await install(spec, lines)).outcome).toBe("installed");
    expect(lines.join("\n")).not.toMatch(/3\/7\] kexec|rescue: booting/);
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset"]);
    expect(await formattings(machine)).toBeLessThanOrEqual(2);
  });

  test("without the pin the unknown key is refused, and the way back is told", async () => {
    const { spec, machine, access } = await scene.server();
    const first = startInstall(spec);
    await first.until(/looking at the disks of web from rescue/);
    first.child.kill("SIGKILL");
    await first.ended;
    const elsewhere = { ...spec, rescue: { ...access, pinFile: `${access.pinFile}.elsewhere` } };
    const message = await refusal(elsewhere);
    expect(message).toContain("shows another host key");
    expect(message).toContain("reset it in the cloud's console");
    await settle(scene, "POST", `/servers/${access.serverId}/actions/reset`);
    expect((await install(elsewhere)).outcome).toBe("installed");
    expect(await formattings(machine)).toBe(1);
  });

  test("another host key than the one first shown there is refused", async () => {
    const { spec, machine } = await scene.server();
    const lines: string[] = [];
    const running = refusal(spec, lines);
    await until(() => lines.some((line) => line.includes("from rescue")));
    const swap = "rm /etc/ssh/ssh_host_* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key";
    await machine.console(["sh", "-c", `${swap} && pkill -KILL -f '^sshd: /usr/sbin/sshd.*listener'`]);
    const message = await running;
    expect(message).toMatch(/another host key|Host key verification failed|HOST IDENTIFICATION/);
    expect(await formattings(machine)).toBe(0);
  });

  test("an API that fails in between leaves no rescue switched on", async () => {
    const { spec, id } = await scene.server();
    scene.cloud.faults.add({
      method: "POST",
      path: `/servers/${id}/actions/reset`,
      effect: { kind: "response", status: 403, code: "forbidden" },
    });
    const message = await refusal(spec);
    expect(message).toContain("check hcloud:token");
    expect(message).not.toContain(spec.rescue?.token ?? "?");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset", "disable_rescue"]);
    expect(await scene.call("GET", `/servers/${id}`)).toMatchObject({ server: { rescue_enabled: false } });
  });

  test("a reset whose answer is lost is not repeated", async () => {
    const { spec, id } = await scene.server();
    scene.cloud.faults.add({
      method: "POST",
      path: `/servers/${id}/actions/reset`,
      phase: "after",
      effect: { kind: "reset" },
    });
    const [result] = await Promise.allSettled([install(spec)]);
    expect(result.status).toBe("fulfilled");
    expect(cloudCalls(id).filter((name) => name === "reset")).toHaveLength(1);
  });
});

/** Waits until the machine was sent a command with that text. */
async function watchFor({ machine }: CloudServer, text: string): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 50) {
    const sent = await machine.sshCommands();
    if (sent.some(({ command }) => command?.includes(`bash "$HOME/kexec/${text}`) === true)) return;
    await sleep(50);
  }
  throw new Error(`the machine was never sent ${text}`);
}
