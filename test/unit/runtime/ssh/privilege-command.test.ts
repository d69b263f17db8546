import { execFileSync } from "node:child_process";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Connection, Elevation } from "../../../../model/protocol/connection.ts";
import { elevationOf, prependInput, rootCommand } from "../../../../runtime/ssh/privilege-command.ts";
import { rootError, wantsTerminal } from "../../../../runtime/ssh/privilege-error.ts";

const connection: Connection = { address: "192.0.2.1", port: 22, user: "admin", privateKey: "key" };
const by = (tool: Elevation["tool"], password: string | null = null): Connection => ({
  ...connection,
  elevation: { tool, password },
});

/** Words the target's shell makes of a command. */
function wordsOf(command: string): string[] {
  const said = execFileSync("sh", ["-c", `printf '%s\\0' ${command}`], { encoding: "utf8" });
  return said.split("\0").slice(0, -1);
}

describe("rootCommand", () => {
  it("leaves root's commands alone, whatever is said of elevation", async () => {
    const asked = await rootCommand({ ...by("sudo", "secret"), user: "root" }, ["echo", "a b"]);
    expect(asked).toEqual({ command: "echo 'a b'", ahead: "" });
  });

  it.each([
    [connection, ["sudo", "-n", "--"]],
    [by("sudo"), ["sudo", "-n", "--"]],
    [by("doas"), ["doas", "-n"]],
    [by("run0"), ["run0", "--no-ask-password", "--"]],
  ])("asks nothing of anybody: %#", async (through, words) => {
    const { command, ahead } = await rootCommand(through, ["echo", "it's", ""]);
    const all = wordsOf(command);
    expect(all.slice(0, words.length)).toEqual(words);
    expect(all.slice(-3)).toEqual(["echo", "it's", ""]);
    expect(ahead).toBe("");
  });

  it("hands a password over on standard input alone", async () => {
    const { command, ahead } = await rootCommand(by("sudo", "open sesame"), ["true"]);
    expect(ahead).toBe("open sesame\n");
    expect(command).not.toContain("sesame");
    const inTerminal = await rootCommand(by("sudo", "open sesame"), ["true"], true);
    expect(inTerminal.ahead).toBe(ahead);
    expect(inTerminal.command).not.toContain("sesame");
    expect(wordsOf(inTerminal.command).at(-1)).toBe(command);
  });

  it("takes sudo where nothing is said", () => {
    expect(elevationOf(connection)).toEqual({ tool: "sudo", password: null });
  });
});

describe("precededBy", () => {
  it("puts a text before any kind of input", async () => {
    expect(prependInput("", "input")).toBe("input");
    expect(prependInput("a\n", undefined)).toBe("a\n");
    expect(prependInput("a\n", "input")).toBe("a\ninput");
    expect(prependInput("a\n", Buffer.from("input"))).toEqual(Buffer.from("a\ninput"));
    const joined = prependInput("a\n", Readable.from(["in", "put"]));
    expect(joined instanceof Readable && (await text(joined))).toBe("a\ninput");
  });
});

describe("rootError", () => {
  const ended = (stderr: string, more: object = {}) => ({
    ok: false,
    exitCode: 1,
    stdout: "",
    stderr,
    timedOut: false,
    cancelled: false,
    signal: undefined,
    ...more,
  });
  const messageOf = (elevation: Elevation, stderr: string, more: object = {}) =>
    rootError({ host: "web", connection, hostKeys: [] }, elevation, ended(stderr, more)).message;

  it.each<[Elevation["tool"], string | null, string, RegExp]>([
    [
      "sudo",
      "x",
      "Sorry, try again.\nsudo: no password was provided",
      /refuses the password of user "admin"/,
    ],
    [
      "sudo",
      null,
      "sudo: a password is required",
      /may not become root by sudo \(sudo: a password is.*NOPASSWD/s,
    ],
    ["sudo", null, "sh: 1: sudo: not found", /there is no sudo on the host/],
    ["doas", null, "bash: line 1: doas: command not found", /there is no doas on the host/],
    ["doas", null, "doas: Operation not permitted", /may not become root by doas.*permit nopass/s],
    ["run0", null, "Interactive authentication required.", /may not become root by run0.*polkit/s],
    ["run0", null, "", /may not become root by run0 \(exit code 1\)/],
  ])("%s with password %j that says %j", (tool, password, stderr, expected) => {
    expect(messageOf({ tool, password }, stderr)).toMatch(expected);
  });

  it("tells one that never answers", () => {
    expect(messageOf({ tool: "sudo", password: null }, "", { timedOut: true })).toMatch(
      /sudo did not answer user "admin" within 30 s/,
    );
  });

  it("knows a sudo that wants a terminal", () => {
    expect(wantsTerminal({ stderr: "sudo: sorry, you must have a tty to run sudo" })).toBe(true);
    expect(wantsTerminal({ stderr: "sudo: a password is required" })).toBe(false);
  });
});
