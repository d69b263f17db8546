import { describe, expect, it, vi } from "vitest";
import { run } from "../../../../runtime/platform/run-command.ts";

describe("run", () => {
  it("gives what a program wrote, and its exit code", async () => {
    const result = await run("sh", ["-c", "echo out; echo err >&2; exit 3"], { timeoutSeconds: 60 });
    expect(result).toMatchObject({ ok: false, exitCode: 3, stdout: "out", stderr: "err", timedOut: false });
  });

  // As ssh(1) does with the master of a shared connection: somebody else holds the output of a program that has ended.
  const leaveOutputOpen = "setsid sleep 600 & echo $!; exec sleep 600";
  const freeOutput = (pid: string) => process.kill(Number(pid), "SIGKILL");

  it("ends at its deadline, whoever still holds the program's output", async () => {
    const result = await run("bash", ["-c", leaveOutputOpen], { timeoutSeconds: 1 });
    freeOutput(result.stdout);
    expect(result).toMatchObject({ ok: false, timedOut: true, cancelled: false });
  });

  it("ends when it is cancelled, whoever still holds the program's output", async () => {
    const signal = AbortSignal.timeout(1000);
    const result = await run("bash", ["-c", leaveOutputOpen], { timeoutSeconds: 300, signal });
    freeOutput(result.stdout);
    expect(result).toMatchObject({ ok: false, timedOut: false, cancelled: true });
  });

  it("ends at its deadline, where somebody still holds the output of a program that has ended by itself", async () => {
    const result = await run("bash", ["-c", "setsid sleep 600 & echo $!"], { timeoutSeconds: 1 });
    freeOutput(result.stdout);
    expect(result).toMatchObject({ timedOut: true, cancelled: false });
  });

  it("ends the program's children with it, also those that take no notice of SIGTERM", async () => {
    const deaf = "trap '' TERM; sleep 600 >/dev/null 2>&1 & echo $!; trap - TERM; exec sleep 600";
    const { stdout, timedOut } = await run("bash", ["-c", deaf], { timeoutSeconds: 1 });
    expect(timedOut).toBe(true);
    await vi.waitFor(() => expect(() => process.kill(Number(stdout), 0)).toThrow("ESRCH"), 20_000);
  }, 30_000);

  it("is cancelled when its signal was aborted before it began", async () => {
    const signal = AbortSignal.abort();
    const result = await run("sleep", ["600"], { timeoutSeconds: 300, signal });
    expect(result).toMatchObject({ ok: false, timedOut: false, cancelled: true, signal: "SIGTERM" });
  });

  it("says why a program was not started", async () => {
    const result = await run("no-such-program-of-ours", [], { timeoutSeconds: 60 });
    expect(result).toMatchObject({ ok: false, exitCode: undefined, timedOut: false, cancelled: false });
    expect(result.stderr).toContain("ENOENT");
  });

  it("takes a deadline that lies further away than any timer goes", async () => {
    expect(await run("true", [], { timeoutSeconds: 1e9 })).toMatchObject({ ok: true, timedOut: false });
  });
});
