import { readFile } from "node:fs/promises";
import { type Health, withAddress } from "../../model/health/check.ts";
import type { DeploySpec } from "../../model/protocol/deploy.ts";
import { checkLines, hundredths } from "../health/encode-checks.ts";
import { type DeployRequest, recordFolder } from "../host/deployment-records.ts";
import { remoteScriptPath } from "../platform/package-root.ts";
import type { Decision } from "./plan-activation.ts";

/** What one run of the supervisor is to do. */
export interface AttemptPlan {
  readonly goal: Exclude<Decision, "nothing">;
  /** Store paths. */
  readonly oldSystem: string;
  readonly newSystem: string;
  readonly health: Health;
  readonly deadlines: DeploySpec["deadlines"];
  /** Generation that holds the new system already, to become the profile's; null: a new one is created. */
  readonly generation: number | null;
  /** Generations of the profile to keep at least. */
  readonly keepGenerations: number;
  /** Port of SSH by which the host was reached. */
  readonly sshPort: number;
}

/**
 * Seconds a host that has rolled back waits for the operator before it reboots. A reboot is the last resort: not sooner than a slow operator
 * needs for a new connection, however impatient the confirmation is.
 */
export function supervisorContactSeconds({ deadlines }: Pick<AttemptPlan, "deadlines">): number {
  return Math.max(15, Math.ceil(deadlines.confirm));
}

/** The plan of a specification, for a host that runs `oldSystem` now. */
export function attemptPlan(
  spec: DeploySpec,
  goal: AttemptPlan["goal"],
  oldSystem: string,
  {
    generation,
    sshPort = spec.connection.port,
  }: { readonly generation?: number | undefined; readonly sshPort?: number } = {},
): AttemptPlan {
  const { address } = spec.connection;
  return {
    goal,
    oldSystem,
    newSystem: spec.system.toplevel,
    health: { ...spec.health, checks: spec.health.checks.map((check) => withAddress(check, address)) },
    deadlines: spec.deadlines,
    keepGenerations: spec.generations.keep,
    generation: generation ?? null,
    sshPort,
  };
}

/** Whether the operator has checks of his own to make. */
export function needsApproval({ goal, health }: AttemptPlan): boolean {
  return (goal === "switch" || goal === "test") && health.checks.some(({ from }) => from === "operator");
}

/** The plan as `runtime/remote/deploy/transaction.sh` reads it: lines of `name value`. Times in hundredths of a second where not said otherwise. @internal */
export function planLines(plan: AttemptPlan): string {
  const { health, deadlines } = plan;
  const values: Record<string, string | number> = {
    goal: plan.goal,
    old: plan.oldSystem,
    new: plan.newSystem,
    "activation-seconds": Math.ceil(deadlines.activate),
    "confirmation-seconds": Math.ceil(deadlines.confirm),
    "contact-seconds": supervisorContactSeconds(plan),
    settle: hundredths(health.settle),
    "settle-seconds": health.settle,
    "health-deadline": hundredths(health.deadline),
    approval: needsApproval(plan) ? "yes" : "no",
    "ssh-port": plan.sshPort,
    generation: plan.generation ?? "-",
    "keep-generations": plan.keepGenerations,
    records: recordFolder,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}\n`)
    .join("");
}

const programs = ["supervisor", "transaction", "activation-rollback", "run-checks"] as const;

/** All files of an attempt, as `runtime/remote/deploy/prepare-attempt.sh` takes them: for each a line with name and number of bytes, then those. */
export async function attemptFiles(plan: AttemptPlan, request: DeployRequest): Promise<Buffer> {
  const scripts = programs.map(
    async (name) => [`${name}.sh`, await readFile(remoteScriptPath(`deploy/${name}`), "utf8")] as const,
  );
  const files: (readonly [string, string])[] = [
    ...(await Promise.all(scripts)),
    ["plan", planLines(plan)],
    ["request.json", `${JSON.stringify(request)}\n`],
    ["checks", checkLines(plan.health.checks)],
    ["ignored-units", plan.health.ignoreUnits.map((pattern) => `${pattern}\n`).join("")],
  ];
  const parts = files.flatMap(([name, content]) => {
    const bytes = Buffer.from(content, "utf8");
    return [Buffer.from(`${name} ${bytes.length}\n`), bytes];
  });
  return Buffer.concat([...parts, Buffer.from("end\n")]);
}
