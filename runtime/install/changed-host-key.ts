import type { RunResult } from "../platform/run-command.ts";
import type { StepError } from "../platform/step-error.ts";
import { fingerprint } from "../ssh/fingerprint.ts";
import { pinnedKeys } from "./machine/connect.ts";
import { type InstallContext, phaseError } from "./machine/phase.ts";
import type { PresentedKey } from "./machine/wipe-guard.ts";

/** What OpenSSH prints when a pinned key is not the one shown (`warn_changed_key` in its sshconnect.c). */
const changed = /key sent by the remote host is\s+(?:ERROR:\s+)?(SHA256:[A-Za-z0-9+/]+)/;

/**
 * The error of a tool whose connections were refused because the machine shows another key than before; undefined when that is not why
 * it failed. Tools only know that they could not connect, and try again for as long as they may.
 */
export function changedHostKey(
  context: InstallContext,
  { shown, port }: { readonly shown: PresentedKey; readonly port: number },
  result: RunResult,
): StepError | undefined {
  const now = changed.exec(`${result.stderr}\n${result.stdout}`)?.[1];
  if (now === undefined) return undefined;
  const pinned = pinnedKeys(context).find((pin) => pin.shown === shown);
  const before = pinned === undefined ? "the pinned one" : fingerprint(pinned.key);
  return phaseError(
    context,
    "kexec",
    `${context.spec.connection.address} port ${port} shows another host key than before: pinned is ${before}, shown was ${now}; nothing was sent`,
    "find out which machine answers at this address: it may be an attacker's",
  );
}
