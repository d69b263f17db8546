import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { must } from "../../harness/machines/must.ts";

/** What a program says first; "" when it ends without a word. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("its output is no pipe");
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

/** What this side can see of worlds and machines. */
export async function traces(folder: string): Promise<Record<string, string[]>> {
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  return {
    loops: lines(await must("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"])).filter((file) =>
      file.startsWith(folder),
    ),
    mounts: lines(readFileSync("/proc/self/mounts", "utf8")).filter((line) => line.includes(folder)),
    namespaces: lines(await must("ip", ["netns", "list"])),
    links: lines(await must("ip", ["-oneline", "link"])).map((line) => line.split(":")[1]?.trim() ?? ""),
  };
}
