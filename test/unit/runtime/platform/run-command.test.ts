import { describe, expect, it } from "vitest";
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
});
