import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRescuePin } from "../../../runtime/install/rescue/host-key-pin.ts";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { chooseNixosAnywhere } from "../install/bare-machine.ts";
import { untilCommand } from "../install/command-watch.ts";
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

const restart = "' fleet-leave-installer$";

const identityOf = async ({ spec }: CloudServer) =>
  JSON.parse(await onInstalled(spec, "cat /etc/fleet/identity.json")) as { installId: string };

describe("rescue as the way out", () => {
  test("a machine that does not come back from kexec is installed through rescue", async () => {
    const server = await scene.server({ wanted: false });
    showConsoleOnFailure(server.machine);
    // What kexec starts has no network: the cable is out from the moment it is asked for.
    const kexec = 'nixos-anywhere-kexec.sh"$';
    await server.machine.faults.onCommand(kexec, { kind: "hold" }, 1);
    const lines: string[] = [];
    const running = install({ ...server.spec, deadlines: { ...server.spec.deadlines, kexec: 45 } }, lines);
    await untilCommand(server.machine, kexec);
    await server.machine.faults.pullCable();
    await server.machine.faults.clearCommandFaults();
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
    const copy = "nix-store --serve --write.*mnt";
    await machine.faults.onCommand(copy, { kind: "hold" }, 1);
    const first = startInstall(spec);
    await untilCommand(machine, copy);
    first.child.kill("SIGKILL");
    await first.ended;
    await machine.reset();
    await machine.faults.clearCommandFaults();
    const lines: string[] = [];
    const result = await install({ ...spec, deadlines: { ...spec.deadlines, contact: 5 } }, lines);
    expect(result.outcome).toBe("installed");
    expect(lines.join("\n")).toContain("an install of this host was not completed");
    expect(await formattings(machine)).toBe(2);
  });

  test("a machine that does not come back after the last reboot is reset once", async () => {
    const server = await scene.server({ wanted: false });
    const { spec, machine, id } = server;
    const lines: string[] = [];
    await machine.faults.onCommand(restart, { kind: "hold" }, 1);
    const running = install({ ...spec, deadlines: { ...spec.deadlines, reboot: 40 } }, lines);
    await untilCommand(machine, restart);
    await machine.faults.pullCable();
    await machine.faults.clearCommandFaults();
    await until(() => lines.some((line) => line.includes("resetting it through the cloud")));
    await machine.faults.plugCable();
    expect((await running).outcome).toBe("installed");
    expect(cloudCalls(id)).toEqual(["reset"]);
    expect(await formattings(machine)).toBe(1);
  });

  test("one that never comes back is given up after that, and needs the console", async () => {
    const { spec, machine, id } = await scene.server({ wanted: false });
    const lines: string[] = [];
    await machine.faults.onCommand(restart, { kind: "hold" }, 1);
    const running = refusal({ ...spec, deadlines: { ...spec.deadlines, reboot: 10 } }, lines);
    await untilCommand(machine, restart);
    await machine.faults.pullCable();
    await machine.faults.clearCommandFaults();
    const message = await running;
    expect(message).toMatch(/phase reboot.*could not be reached/s);
    expect(message).toContain("check the machine's console");
    expect(cloudCalls(id)).toEqual(["reset"]);
    await machine.faults.plugCable();
    expect((await install(spec)).outcome).toBe("adopted");
  });
});

describe("in rescue", () => {
  test("killed there, the next run goes on with the key that was pinned", async () => {
    const server = await scene.server();
    const { spec, machine, id, access } = server;
    const first = startInstall(spec);
    await first.until(/inspecting the disks of web from rescue/);
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
    await first.until(/inspecting the disks of web from rescue/);
    first.child.kill("SIGKILL");
    await first.ended;
    const elsewhere = { ...spec, rescue: { ...access, pinFile: `${access.pinFile}.elsewhere` } };
    const message = await refusal(elsewhere);
    expect(message).toContain("shows another host key");
    expect(message).toContain("only that folder has the key (.fleet/rescue)");
    expect(message).toContain("reset it in the cloud's console");
    await settle(scene, "POST", `/servers/${access.serverId}/actions/reset`);
    expect((await install(elsewhere)).outcome).toBe("installed");
    expect(await formattings(machine)).toBe(1);
  });

  test("another host key than the one first shown there is refused", async () => {
    const { spec, machine } = await scene.server();
    const lines: string[] = [];
    const held = "' fleet-wait-cloud-init$";
    await machine.faults.onCommand(held, { kind: "hold" }, 1);
    const running = refusal({ ...spec, deadlines: { ...spec.deadlines, kexec: 45 } }, lines);
    await untilCommand(machine, held);
    expect(lines.join("\n")).toContain("from rescue");
    const swap = "rm /etc/ssh/ssh_host_* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key";
    // The next connection comes at once: the listener that shows the new key has to be there.
    const listener = "pgrep -o -f '^sshd: /usr/sbin/sshd.*listener'";
    const restarted = `until new=$(${listener}) && [ "$new" != "$old" ]; do sleep 0.1; done`;
    const restart = `${swap} && old=$(${listener}) && kill -KILL "$old" && ${restarted}`;
    await machine.console(["timeout", "20", "sh", "-c", restart]);
    await machine.faults.clearCommandFaults();
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
