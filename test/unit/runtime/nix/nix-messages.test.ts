import { describe, expect, test } from "vitest";
import { nearestName } from "../../../../runtime/nix/evaluation/evaluation-error.ts";
import { evaluationWarnings, markedFacts } from "../../../../runtime/nix/evaluation/nix-eval.ts";
import { describeNixError, inUsersFiles, nixMessage } from "../../../../runtime/nix/nix-error.ts";
import { nixString } from "../../../../runtime/nix/nix-string.ts";
import { findFailedBuild } from "../../../../runtime/nix/store/build-error.ts";

const trail = `warning: Git tree '/x' is dirty
trace: fleet-fact-used:deployKeys
error:
       … while evaluating the attribute 'toplevel'
         at /nix/store/s-source/flake.nix:3:5:
            2|
            3|     toplevel = x;
             |     ^

       error: undefined variable 'x'
       at /nix/store/s-source/hosts/web.nix:7:9:
            6| {
            7|   page = x;
             |          ^
trace: fleet-fact-unknown:hosts.db.ipv4
`;

describe("a message of Nix", () => {
  test("is its last error, without the way there, indentation and marks of ours", () => {
    expect(nixMessage(trail)).toBe(
      [
        "undefined variable 'x'",
        "at /nix/store/s-source/hosts/web.nix:7:9:",
        "     6| {",
        "     7|   page = x;",
        "      |          ^",
      ].join("\n"),
    );
  });

  test("is the last lines when nothing is called an error", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    expect(nixMessage(lines.join("\n"))).toBe(lines.slice(10).join("\n"));
  });

  test("names the user's file where there is one", () => {
    const local = {
      kind: "work-tree",
      root: "/home/me/fleet",
      dir: "",
      url: "git+file:///home/me/fleet",
    } as const;
    const remote = { kind: "moving", dir: "", url: "github:me/fleet" } as const;
    const message = "at /nix/store/s-source/hosts/web.nix:7:9:";
    expect(inUsersFiles(message, local, "/nix/store/s-source")).toBe("at /home/me/fleet/hosts/web.nix:7:9:");
    expect(inUsersFiles(message, remote, "/nix/store/s-source")).toBe("at hosts/web.nix:7:9:");
    expect(inUsersFiles(message, local, "/nix/store/t-source")).toBe(message);
  });
});

describe("how a Nix process ended", () => {
  const base = {
    exitCode: undefined,
    stdout: "",
    stderr: "",
    timedOut: false,
    cancelled: false,
    signal: undefined,
    ok: false,
  };
  const describeEnd = (
    result: Partial<typeof base> | { signal: string } | { exitCode: number; stderr: string },
  ) => describeNixError({ ...base, ...result }, { timeoutSeconds: 5 }).seen;

  test.each([
    [{ cancelled: true, signal: "SIGTERM" }, "it was cancelled"],
    [{ timedOut: true, signal: "SIGTERM" }, "Nix had not finished after 5 s"],
    [{ stderr: "spawn nix ENOENT" }, "there is no `nix` on PATH"],
    [{ stderr: "spawn nix EACCES" }, "spawn nix EACCES"],
    [{ signal: "SIGKILL" }, "Nix was ended by SIGKILL"],
    [{ exitCode: 1, stderr: "error: boom" }, "boom"],
  ])("%j", (result, seen) => {
    expect(describeEnd(result)).toBe(seen);
  });
});

describe("marks on standard error", () => {
  test("tell each fact once, in the order they were read", () => {
    const stderr =
      "trace: fleet-fact-used:b\nnoise trace: fleet-fact-used:c\ntrace: fleet-fact-used:a\ntrace: fleet-fact-used:b\n";
    expect(markedFacts(stderr, "used")).toEqual(["b", "a"]);
    expect(markedFacts(trail, "unknown")).toEqual(["hosts.db.ipv4"]);
    expect(markedFacts(trail, "used")).toEqual(["deployKeys"]);
  });

  test("warnings are the configuration's, in whatever colour, not those about Git", () => {
    const stderr = `${trail}evaluation warning: first\ntrace: \u001b[1;31mevaluation warning: second\u001b[0m\ntrace: warning: third\nevaluation warning: first\n`;
    expect(evaluationWarnings(stderr)).toEqual(["first", "second", "third"]);
  });
});

describe("a failed build", () => {
  const current = `building '/nix/store/${"a".repeat(32)}-bad.drv'...
error: Cannot build '/nix/store/${"a".repeat(32)}-bad.drv'.
       Reason: builder failed with exit code 3.
       Output paths:
         /nix/store/${"b".repeat(32)}-bad
       Last 2 log lines:
       > line1
       > boom
       For full logs, run:
         nix log /nix/store/${"a".repeat(32)}-bad.drv
error: Cannot build '/nix/store/${"c".repeat(32)}-top.drv'.
       Reason: 1 dependency failed.
`;
  const older = `error: builder for '/nix/store/${"a".repeat(32)}-bad.drv' failed with exit code 3;
       last 2 log lines:
       > line1
       > boom
       For full logs, run:
         nix log /nix/store/${"a".repeat(32)}-bad.drv
error: 1 dependencies of derivation '/nix/store/${"c".repeat(32)}-top.drv' failed to build
`;
  const expected = {
    derivation: `/nix/store/${"a".repeat(32)}-bad.drv`,
    name: "bad",
    log: ["line1", "boom"],
  };

  test("is found among those it takes down, in both forms Nix writes", () => {
    expect(findFailedBuild(current)).toEqual({ ...expected, reason: "builder failed with exit code 3" });
    expect(findFailedBuild(older)).toEqual({ ...expected, reason: "builder failed with exit code 3" });
    const reversed = current
      .split(/^(?=error: )/m)
      .toReversed()
      .join("");
    expect(findFailedBuild(reversed)).toMatchObject(expected);
  });

  test("is not made up", () => {
    expect(findFailedBuild(trail)).toBeUndefined();
    expect(findFailedBuild("")).toBeUndefined();
  });
});

test("the nearest name is suggested only when it is near", () => {
  expect(nearestName("wev", ["db", "web", "mail"])).toBe("web");
  expect(nearestName("www.example.org", ["www.example.com", "db"])).toBe("www.example.com");
  expect(nearestName("database", ["web", "mail"])).toBeUndefined();
  expect(nearestName("cache", ["web", "ache", "cachet"])).toMatch(/^(ache|cachet)$/);
  expect(nearestName("x", [])).toBeUndefined();
});

test("a Nix string can't be left or interpolated", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Nix's placeholder, not ours
  expect(nixString('a"b\\c${d}$e')).toBe('"a\\"b\\\\c\\${d}$e"');
});
