import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { startHetznerCloud } from "../harness/cloud/hetzner/cloud.ts";
import { MemoryMachineFactory } from "../harness/cloud/memory-machines.ts";
import { createProject } from "../harness/project/project.ts";
import { setUpToolchain } from "../harness/toolchain/toolchain.ts";
import { demoFolder, demoProject, removeDemo } from "./demo-state.ts";

/**
 * Where test machines cannot run: the plan of the same stack, from the same program, engine and provider.
 * @returns exit code
 */
export async function showPlan(reason: string): Promise<number> {
  process.stdout.write(`${reason}\nSo this is the plan of the demo's stack instead; nothing is created.\n`);
  const { env } = await setUpToolchain();
  await removeDemo();
  await mkdir(demoFolder, { recursive: true });
  const token = randomBytes(32).toString("hex");
  const cloud = await startHetznerCloud({ token, machines: new MemoryMachineFactory() });
  try {
    const project = createProject(demoProject, env);
    const pulumi = async (...args: string[]) => {
      const child = spawn("pulumi", args, {
        cwd: project.folder,
        env: project.environment,
        stdio: "inherit",
      });
      const [code]: unknown[] = await once(child, "exit");
      return typeof code === "number" ? code : 1;
    };
    const created = await pulumi("stack", "init", "demo", "--non-interactive");
    if (created !== 0) return created;
    project.configure("demo", {
      "hcloud:token": token,
      "hcloud:endpoint": cloud.endpoint,
      "fleet:defaults": { protect: false },
      "fleet:hosts": { web: { firewall: { tcp: [80] } }, db: {} },
    });
    return await pulumi("preview", "--stack", "demo");
  } finally {
    await cloud.close();
    await removeDemo();
  }
}
