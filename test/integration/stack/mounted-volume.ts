import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import type { TestProject } from "../../harness/project/project.ts";
import type { StackFixture } from "./fixture.ts";
import { onHost } from "./look.ts";

const mountPoint = "/srv/data";
const device = `config.fleet.hosts.\${config.fleet.self}.volumes.data.device`;

/** Has the configuration of `web` mount the volume `data` at `/srv/data`, with the module that hosts have, and its page tell the device. */
export async function mountVolume({ hosts, editHosts }: TestProject): Promise<void> {
  const folder = path.join(hosts, "of-hosts");
  mkdirSync(folder);
  for (const name of ["fleet.nix", "volumes.nix"])
    copyFileSync(path.join(packageRoot(), "hosts", "modules", name), path.join(folder, name));
  const web = "web/default.nix";
  editHosts(web, "version 1", `version 1 with \${${device}}`);
  editHosts(web, "{\n", `{ config, ... }: {\n  fleet.volumes.data.mountPoint = "${mountPoint}";\n`);
  editHosts(web, "[ ./disko.nix ]", "[ ./disko.nix ../of-hosts/volumes.nix ]");
  await execa("git", ["-C", hosts, "add", "--all"]);
}

/** Waits until the volume is mounted on a host. */
export async function awaitMount(fixture: StackFixture, host: string): Promise<void> {
  const mounts = () => onHost(fixture, host, "cat", "/proc/mounts");
  await expect.poll(mounts, { timeout: 60_000, interval: 500 }).toMatch(/^\S+ \/srv\/data ext4 /m);
}
