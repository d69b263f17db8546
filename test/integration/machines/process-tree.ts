import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { must } from "../../harness/machines/must.ts";

/** What a program says first; "" when it ends without a word. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("its output is not a pipe");
  const lines = createInterface({ input: child.stdout });
  return await new Promise((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
  });
}

/** Every process below one, itself included. */
export function processTree(root: number): number[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === root)
    .map(Number);
  return [root, ...children.flatMap(processTree)];
}

/** Parent of a process; undefined when there is no such process. */
export function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

/** What this side can see of a world with this folder. A namespace without a process lives on only in a mount. */
export async function traces(folder: string): Promise<{ loops: string[]; mounts: string[] }> {
  const loops = await must("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"]);
  return {
    loops: loops.split("\n").filter((file) => file.startsWith(folder)),
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(folder) || line.includes("m-held")),
  };
}
