import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { must } from "./must.ts";

const bootSeconds = 60;
const pauseMs = 50;

/**
 * Runs a program in a machine as root. A machine that has just been switched on still shows the root of the machine it runs on, where
 * nothing must be run.
 *
 * @param init first process of the machine
 * @returns standard output
 * @throws Error when it fails
 */
export async function runInside(init: number, command: readonly string[], input: string): Promise<string> {
  if (!hasOwnRoot(init)) throw new Error("the machine still boots");
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"];
  const env = {
    PATH: "/usr/lib/fleet-machine/bin:/run/current-system/sw/bin:/usr/sbin:/usr/bin",
    HOME: "/root",
  };
  return await must("nsenter", [`--target=${init}`, ...namespaces, "--", ...command], { input, env });
}

/** Waits for a machine that boots; one that ends or finds no system is found out when something is run on it. */
export async function untilBooted(init: number): Promise<void> {
  const end = Date.now() + bootSeconds * 1000;
  while (existsSync(`/proc/${init}`) && !hasOwnRoot(init) && Date.now() < end) await sleep(pauseMs);
}

function hasOwnRoot(init: number): boolean {
  return existsSync(`/proc/${init}/root/usr/lib/fleet-machine/guest`);
}
