import { readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { chainToEngine, isEngine, type PsLine, parsePs, readProcess } from "../../platform/parent-watch.ts";
import { run } from "../../platform/run-command.ts";

/** A command of ours that works on a host although the engine that started it is gone. */
export interface Orphan {
  readonly pid: number;
  /** `install`, `deploy`, `take-over` */
  readonly command: string;
}

const listSeconds = 10;

/** Reads `ps -A -ww -o pid=,ppid=,stat=,args=`: the program is the first word. @internal */
export function parseProcessList(text: string): PsLine[] {
  return parsePs(text).map((line) => ({ ...line, name: path.basename(line.command.split(" ")[0] ?? "") }));
}

/** Finds our commands in a process list that have no engine above them. @internal */
export function findOrphans(processes: readonly PsLine[]): Orphan[] {
  const table = new Map(processes.map((entry) => [entry.pid, entry]));
  const read = (pid: number) => table.get(pid);
  return processes.flatMap(({ pid, name, command }) => {
    const [, internal] = /[ /]bin\.mjs internal (install|deploy|take-over)$/.exec(command) ?? [];
    if (internal === undefined || name !== "node") return [];
    const engine = chainToEngine(read, pid).some((ancestor) => isEngine(read(ancestor)?.name ?? ""));
    return engine ? [] : [{ pid, command: internal }];
  });
}

/**
 * Orphans of a project on this machine now: command resources run in the folder of their project, and another project's are none of
 * our business.
 */
export async function listOrphans(projectRoot: string): Promise<Orphan[]> {
  const result = await run("ps", ["-A", "-ww", "-o", "pid=,ppid=,stat=,args="], {
    timeoutSeconds: listSeconds,
  });
  if (!result.ok) throw new Error(`ps: ${result.stderr}`);
  const project = realpathSync(projectRoot);
  return findOrphans(parseProcessList(result.stdout)).filter(
    ({ pid }) => (workingFolder(pid) ?? project) === project,
  );
}

/** Where a process works; undefined where the system does not say (no /proc). */
function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Asks an orphan to stop at its next safe point; one that is gone already is fine. */
export function endOrphan(orphan: Orphan): void {
  if (readProcess(orphan.pid) === undefined) return;
  process.kill(orphan.pid, "SIGTERM");
}
