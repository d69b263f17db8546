import type { Elevation } from "../../model/protocol/connection.ts";
import type { RunResult } from "../platform/run-command.ts";
import { StepError } from "../platform/step-error.ts";
import type { SshTarget } from "./target.ts";

/** Whether sudo refuses to work without a terminal (sudoers(5), requiretty). */
export function wantsTerminal({ stderr }: Pick<RunResult, "stderr">): boolean {
  return /sudo: sorry, you must have a tty/.test(stderr);
}

const checkSeconds = 30;

/** The error of a user that did not become root. */
export function rootError(
  { host, connection }: SshTarget,
  elevation: Elevation,
  result: RunResult,
): StepError {
  const { user } = connection;
  const { tool, password } = elevation;
  const said = result.stderr.trim().split("\n").slice(-3).join("; ");
  const error = (seen: string, next: string) => new StepError({ host, step: "becoming root", seen, next });
  if (result.timedOut)
    return error(
      `${tool} did not answer user "${user}" within ${checkSeconds} s`,
      `try it on the host: ${tool} true`,
    );
  if (new RegExp(`${tool}: (command )?not found`).test(said))
    return error(`there is no ${tool} on the host (${said})`, "name the program that is there by elevate");
  if (password !== null && /incorrect password|Sorry, try again|no password was provided/.test(said))
    return error(
      `sudo refuses the password of user "${user}"; it was tried once`,
      "correct the secret that elevatePassword names: pulumi config set --secret --path fleet:secrets.<name>",
    );
  return error(
    `user "${user}" may not become root by ${tool} (${said || `exit code ${result.exitCode}`})`,
    advice[tool],
  );
}

const advice: Readonly<Record<Elevation["tool"], string>> = {
  sudo: "let that user run every command: without a password (sudoers: NOPASSWD), or with the one that elevatePassword names",
  doas: "let that user run every command without a password (doas.conf: permit nopass)",
  run0: "let that user manage units without a password by a rule of polkit (org.freedesktop.systemd1.manage-units)",
};

/** Seconds a user may take to become root. */
export const rootCheckSeconds = checkSeconds;
