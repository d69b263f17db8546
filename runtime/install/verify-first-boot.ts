import { identityPath, parseIdentity } from "../host/identity-file.ts";
import { pollUntil } from "../platform/poll-until.ts";
import type { SshSession } from "../ssh/session.ts";
import { commandError, type InstallContext, phaseError, runPhase } from "./machine/phase.ts";

/** What a freshly booted system says of itself. */
export interface FirstBoot {
  readonly bootId: string;
  readonly system: string;
}

const pause = 1;

/**
 * Checks the first boot: the wanted system runs and carries the identity of this install. Failed units are reported, and are no
 * error: certificates, say, cannot be had before DNS points to the new host.
 */
export async function verifyFirstBoot(
  context: InstallContext,
  session: SshSession,
  wanted: { installId: string; bootId: string },
): Promise<FirstBoot> {
  return await runPhase(context, "verify", "checking the first boot", async (limits) => {
    const { toplevel } = context.spec.system;
    const look = async () => {
      const seen = await readFirstBoot(context, session, limits.left());
      const starting = seen.get("state")?.[0] === "starting";
      return { seen, starting, errors: firstBootErrors(seen, { ...wanted, toplevel }) };
    };
    const { seen, starting, errors } = await pollUntil(
      look,
      (boot) => boot.errors.length === 0 && !boot.starting,
      { deadline: limits, pause, signal: context.signal },
    );
    if (errors.length > 0)
      throw phaseError(
        context,
        "verify",
        errors.join("; "),
        "check the machine's journal, then run pulumi up again",
      );
    if (starting) context.reporter.progress("the system is up, and still starting units");
    else reportFailedUnits(context, seen.get("failed-unit") ?? []);
    return { bootId: wanted.bootId, system: toplevel };
  });
}

/** What is wrong with a first boot; empty when nothing is. @internal */
export function firstBootErrors(
  seen: ReadonlyMap<string, readonly string[]>,
  wanted: { installId: string; bootId: string; toplevel: string },
): string[] {
  const errors: string[] = [];
  const system = seen.get("system")?.[0];
  if (system !== wanted.toplevel)
    errors.push(`it runs ${system ?? "no NixOS system"} instead of ${wanted.toplevel}`);
  const bootId = seen.get("boot-id")?.[0];
  if (bootId !== wanted.bootId) errors.push("it rebooted once more during its first boot");
  const text = seen.get("identity")?.[0];
  if (text === undefined) return [...errors, `${identityPath} is missing`];
  const identity = parseIdentity(Buffer.from(text, "base64").toString("utf8"));
  if (typeof identity === "string") errors.push(`${identityPath}: ${identity}`);
  else if (identity.installId !== wanted.installId) errors.push(`${identityPath} is not of this install`);
  return errors;
}

async function readFirstBoot(
  context: InstallContext,
  session: SshSession,
  timeoutSeconds: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const result = await session.script("install/verify-install", [identityPath], {
    timeoutSeconds,
    signal: context.signal,
    reporter: context.reporter,
    elevate: true,
  });
  const lines = result.stdout.trimEnd().split("\n");
  if (!result.ok || lines.pop() !== "end verify-install") throw commandError(context, "verify", result);
  const seen = new Map<string, string[]>();
  for (const line of lines) {
    const [name = "", ...rest] = line.split(" ");
    seen.set(name, [...(seen.get(name) ?? []), rest.join(" ")]);
  }
  return seen;
}

function reportFailedUnits(context: InstallContext, units: readonly string[]): void {
  if (units.length > 0) context.reporter.progress(`installed, with failed units: ${units.join(", ")}`);
}
