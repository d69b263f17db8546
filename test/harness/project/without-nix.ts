import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * The environment of an operator without Nix: no program of it on PATH, and for `pulumi` and all it starts an empty /nix.
 * @param folder new; for the program that takes `pulumi`'s place
 */
export function environmentWithoutNix(
  environment: Readonly<Record<string, string>>,
  folder: string,
): Record<string, string> {
  const folders = (environment["PATH"] ?? "").split(path.delimiter);
  const rest = folders.filter((entry) => !existsSync(path.join(entry, "nix")));
  if (rest.length === folders.length)
    throw new Error("there was no nix on PATH: hiding it would prove nothing");
  const PATH = rest.join(path.delimiter);
  const pulumi = execFileSync("sh", ["-c", "command -v pulumi"], { encoding: "utf8", env: { PATH } }).trim();
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, "pulumi");
  const hide = `mount -t tmpfs -o ro none /nix && exec '${pulumi}' "$@"`;
  writeFileSync(
    program,
    `#!/bin/sh\nexec unshare --mount sh -c '${hide.replaceAll("'", "'\\''")}' pulumi "$@"\n`,
  );
  chmodSync(program, 0o755);
  return { ...environment, PATH: `${folder}${path.delimiter}${PATH}` };
}
