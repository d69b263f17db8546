import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprint } from "../../../runtime/ssh/fingerprint.ts";
import { chooseNixosAnywhere } from "../install/bare-machine.ts";
import { formattings, install, onInstalled, refusal, showConsoleOnFailure } from "../install/installing.ts";
import { createRescueScene, type RescueScene, until } from "./scene.ts";

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

describe("bootstrap: rescue", () => {
  test("installs from the rescue system, whose key is named, and leaves it", async () => {
    const { spec, machine, id, access } = await scene.server();
    showConsoleOnFailure(machine);
    const lines: string[] = [];
    const result = await install(spec, lines);
    expect(result.outcome).toBe("installed");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset"]);
    const said = lines.join("\n");
    expect(said).toMatch(/rescue: booting the rescue system \(bootstrap: rescue\)/);
    const key = /trusted on first use and pinned until it is left: (SHA256:\S+)/.exec(said)?.[1];
    expect(key).toBeDefined();
    for (const known of [spec.hostKey.publicKey, spec.bootstrapHostKey ?? ""])
      expect(fingerprint(known)).not.toBe(key);
    expect(said).toContain("installing: stock image of a new server");
    expect(await onInstalled(spec, "readlink /run/current-system")).toBe(spec.system.toplevel);
    expect(existsSync(access.pinFile)).toBe(false);
    expect(readFileSync(machine.paths.consoleLog, "utf8")).toContain("booting rescue");
    expect(scene.cloud.journal.unexpected()).toEqual([]);
    expect((await install(spec)).outcome).toBe("adopted");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset"]);
    expect(await formattings(machine)).toBe(1);
  });

  test("a changed token reinstalls through rescue; the same one does not", async () => {
    const { spec, machine, id } = await scene.server();
    await install(spec);
    expect((await install({ ...spec, reinstall: "again" })).outcome).toBe("installed");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset", "enable_rescue", "reset"]);
    expect(await formattings(machine)).toBe(2);
  });

  test("the image, rescue and the installer are root's on port 22, whoever logs in to the installed system and where", async () => {
    const { spec, machine, id } = await scene.server({ user: "admin", port: 2222 });
    showConsoleOnFailure(machine);
    expect((await install(spec)).outcome).toBe("installed");
    expect(cloudCalls(id)).toEqual(["enable_rescue", "reset"]);
    expect(await onInstalled(spec, "id -un")).toBe("admin");
  });

  test("an installed host that does not answer is not wiped, and is sent back into its system", async () => {
    const { spec, machine } = await scene.server();
    const { installId } = await install(spec);
    await machine.faults.stopSsh();
    const asked = { ...spec, deadlines: { ...spec.deadlines, contact: 4 } };
    const lines: string[] = [];
    const waiting = refusal(asked, lines);
    await until(() => lines.some((line) => line.includes("rescue: booting")));
    await machine.faults.startSsh();
    const message = await waiting;
    expect(message).toContain(`its disks carry this host, installed already (install ${installId})`);
    expect(await formattings(machine)).toBe(1);
    expect((await install(spec)).outcome).toBe("adopted");
  });
});
