import { readFile } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { quote } from "shell-quote";
import type { Connection, Elevation } from "../../model/protocol/connection.ts";
import { remoteProcessName, remoteScriptPath } from "../platform/package-root.ts";

/** A command as a target's shell takes it, and what its standard input begins with. */
export interface RootCommand {
  /** Quoted for the target's shell. */
  readonly command: string;
  /** A secret, or nothing: never log it. */
  readonly ahead: string;
}

/** How the user of a connection becomes root; null: it is root. Users of whom nothing is said use sudo without a password. */
export function elevationOf({ user, elevation }: Connection): Elevation | null {
  if (user === "root") return null;
  return elevation ?? { tool: "sudo", password: null };
}

/** Words before a program that make root run it, without any prompt. */
const nonInteractive: Readonly<Record<Elevation["tool"], readonly string[]>> = {
  sudo: ["sudo", "-n", "--"],
  doas: ["doas", "-n"],
  run0: ["run0", "--no-ask-password", "--"],
};

/**
 * What runs argv as root over a connection.
 * @param terminal true where the target's sudo runs in sessions with a terminal only
 */
export async function rootCommand(
  connection: Connection,
  argv: readonly string[],
  terminal = false,
): Promise<RootCommand> {
  const elevation = elevationOf(connection);
  if (elevation === null) return { command: quote([...argv]), ahead: "" };
  const program = [...(await script("ssh/run-as-root", "/bin/sh")), ...argv];
  const { tool, password } = elevation;
  const words =
    password === null
      ? [...nonInteractive[tool], ...program]
      : [...(await script("ssh/sudo-password", "sh")), ...program];
  const command = terminal
    ? quote([...(await script("ssh/run-with-tty", "sh")), quote(words)])
    : quote(words);
  return { command, ahead: password === null ? "" : `${password}\n` };
}

async function script(name: string, shell: string): Promise<string[]> {
  return [shell, "-c", await readFile(remoteScriptPath(name), "utf8"), remoteProcessName(name)];
}

/** Standard input with something in front of it. */
export function prependInput(
  ahead: string,
  input: string | Uint8Array | Readable | undefined,
): string | Uint8Array | Readable | undefined {
  if (ahead === "") return input;
  if (input === undefined) return ahead;
  if (typeof input === "string") return ahead + input;
  if (input instanceof Uint8Array) return Buffer.concat([Buffer.from(ahead), input]);
  const joined = new PassThrough();
  joined.write(ahead);
  input.once("close", () => joined.end());
  return input.pipe(joined);
}
