import { recordFolder } from "../host/deployment-records.ts";
import { describeExit } from "../platform/describe-exit.ts";
import { StepError, type StepFailure } from "../platform/step-error.ts";
import type { SshSession } from "../ssh/session.ts";
import { type AttemptContext, commandSeconds } from "./attempt.ts";

/** A next boot that is only tried: whatever comes of it, the one after it starts the system that is booted now. */
export interface OneshotBoot {
  /** Store path of the system that is booted now. */
  readonly system: string;
  /** Its number among the profile's generations. */
  readonly generation: number;
}

/** A host that has come back from a trial on its old system: the new one did not come up. */
export class OneshotBootFailed extends StepError {
  readonly trial: OneshotBoot;

  constructor(failure: StepFailure, trial: OneshotBoot) {
    super(failure);
    this.trial = trial;
  }
}

/**
 * Makes the next boot a trial where the boot loader can, and says where it cannot.
 * @returns undefined: the next boots start what the boot entry names
 * @throws StepError step "reboot": the host did not answer as it should; nothing was rebooted
 */
export async function armOneshotBoot({
  session,
  reporter,
}: Pick<AttemptContext, "session" | "reporter">): Promise<OneshotBoot | undefined> {
  const result = await callScript(session, "begin");
  const said = result.stdout.trim();
  const [, generation, system] = /^trial (\d+) (\/nix\/store\/\S+)$/.exec(said) ?? [];
  if (result.ok && generation !== undefined && system !== undefined)
    return { generation: Number(generation), system };
  if (result.ok && said.startsWith("no-trial ")) {
    reporter.detail(`the reboot is not a trial: ${said.slice("no-trial ".length)}`);
    return undefined;
  }
  throw new StepError({
    host: session.target.host,
    step: "reboot",
    seen: `the next boot could not be set up as a trial: ${result.stderr.trim() || said || describeExit(result, commandSeconds)}`,
    next: "check `bootctl status` on the host, then run it again: it continues with the reboot",
    log: reporter.logFile,
  });
}

/** What came up in a trial becomes what every boot starts. @throws StepError step "reboot" */
export async function commitBootEntry({
  session,
  reporter,
}: Pick<AttemptContext, "session" | "reporter">): Promise<void> {
  const result = await callScript(session, "end");
  if (result.ok) return;
  throw new StepError({
    host: session.target.host,
    step: "reboot",
    seen: `the new system runs, and its boot loader still names the old one: ${describeExit(result, commandSeconds)}`,
    next: 'run `bootctl set-default ""` on the host',
    log: reporter.logFile,
  });
}

async function callScript(session: SshSession, action: "begin" | "end") {
  return await session.script("deploy/oneshot-boot", [action, recordFolder], {
    elevate: true,
    timeoutSeconds: commandSeconds,
    quiet: true,
  });
}
