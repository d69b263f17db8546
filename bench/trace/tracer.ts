import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../../runtime/platform/package-root.ts";

/** Notes calls of programs that are found on PATH; they run as ever. */
export interface Tracer {
  /** To be used in place of the environment it was made from. */
  readonly environment: Readonly<Record<string, string>>;
  /** Calls since the last look: `<program> <first argument>`. */
  takeCalls(): string[];
}

/** @param folder new, for links and the log */
export function traceCalls(
  programs: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Tracer {
  const links = path.join(folder, "bin");
  const log = path.join(folder, "calls");
  mkdirSync(links, { recursive: true });
  writeFileSync(log, "");
  for (const program of programs)
    symlinkSync(path.join(packageRoot(), "bench", "trace", "record-call.sh"), path.join(links, program));
  return {
    environment: { ...environment, CALL_LOG: log, PATH: `${links}:${environment["PATH"] ?? ""}` },
    takeCalls: () => {
      const calls = readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      writeFileSync(log, "");
      return calls;
    },
  };
}
