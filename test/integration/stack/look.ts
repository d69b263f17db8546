import { readStackOutputs, sshTarget } from "../../../runtime/pulumi/outputs.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import type { StackFixture } from "./fixture.ts";

/** Runs a command on a host of the stack, over a connection with the pinned key. @returns what it prints */
export async function onHost(fixture: StackFixture, host: string, ...command: string[]): Promise<string> {
  const { folder, environment } = fixture.project;
  const outputs = await readStackOutputs({ projectRoot: folder, stack: "test", environment });
  const session = await openSession(sshTarget(outputs, host), { timeoutSeconds: 20 });
  try {
    const result = await session.run(command, { timeoutSeconds: 20 });
    if (!result.ok) throw new Error(`${host}: ${command.join(" ")}: ${result.stderr}`);
    return result.stdout;
  } finally {
    await session.close();
  }
}

/** What tells one life of a machine from another: a reinstall changes the install id, a reboot the boot id. */
export async function lifeOf(fixture: StackFixture, host: string) {
  const [identity = "", bootId = "", system = ""] = (
    await onHost(
      fixture,
      host,
      "sh",
      "-c",
      "tr -d '\\n' < /etc/fleet/identity.json; echo; cat /proc/sys/kernel/random/boot_id; readlink /run/current-system",
    )
  ).split("\n");
  const { installId, host: name } = JSON.parse(identity) as { installId: string; host: string };
  return { installId, name, bootId, system };
}

/** What the host's web server answers. */
export async function pageOf(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(30_000) });
  return (await answer.text()).trim();
}
