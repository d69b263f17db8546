import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";

/** Absolute path of a program on PATH; undefined when there is none. */
export async function findProgram(
  name: string,
  searchPath: string = process.env["PATH"] ?? "",
): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter((entry) => entry !== "")) {
    const candidate = path.resolve(folder, name);
    const executable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return candidate;
  }
  return undefined;
}
