import { existsSync } from "node:fs";
import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { layOutCommands } from "../../../harness/machines/machine-commands.ts";

const guest = fileURLToPath(new URL("../../../harness/machines/guest/", import.meta.url));

test("each kind of system has its own commands, and every link leads to a program of the guest folder", async () => {
  const stateDir = await mkdtemp(path.join(tmpdir(), "commands-"));
  const folder = await layOutCommands(stateDir);
  const commands = async (system: string) => (await readdir(path.join(folder, system))).sort();
  const installer = await commands("installer");
  expect(installer).toEqual(
    expect.arrayContaining(["nixos-install", "kexec-into-installer", "sgdisk", "poweroff"]),
  );
  expect(installer).not.toContain("cloud-init");
  expect(await commands("stock")).toContain("cloud-init");
  expect(await commands("rescue")).toEqual(expect.arrayContaining(["kexec-into-installer", "reboot"]));
  expect(await commands("rescue")).not.toContain("cloud-init");
  expect(await commands("rescue")).not.toContain("nixos-install");
  expect(await commands("nixos")).not.toContain("nixos-install");
  expect(await commands("nixos")).not.toContain("cloud-init");
  for (const system of ["installer", "stock", "rescue", "nixos"])
    for (const name of await commands(system)) {
      const target = await readlink(path.join(folder, system, name));
      expect(existsSync(target.replace("/usr/lib/fleet-machine/guest/", guest)), target).toBe(true);
    }
  await rm(stateDir, { recursive: true });
});
