import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import which from "which";

/**
 * Lets work call programs through scripts that record their arguments, and are the real ones otherwise.
 * @param folder for scripts and records; made if missing
 * @returns each call's arguments on one line, in the order of their beginnings
 */
export async function recordedCalls(
  programs: readonly string[],
  folder: string,
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, string[]>>> {
  const log = (program: string) => path.join(folder, `${program}.calls`);
  await mkdir(folder, { recursive: true });
  for (const program of programs) {
    const real = await which(program);
    const script = `#!/bin/sh\nprintf '%s ' "$@" | tr '\\n' ' ' >>'${log(program)}'\necho >>'${log(program)}'\nexec '${real}' "$@"\n`;
    await writeFile(log(program), "");
    await writeFile(path.join(folder, program), script, { mode: 0o755 });
  }
  const before = process.env["PATH"] ?? "";
  process.env["PATH"] = `${folder}${path.delimiter}${before}`;
  try {
    await work();
  } finally {
    process.env["PATH"] = before;
  }
  const calls = programs.map(async (program) => {
    const lines = (await readFile(log(program), "utf8")).split("\n");
    return [program, lines.filter((line) => line !== "")] as const;
  });
  return Object.fromEntries(await Promise.all(calls));
}
