import { type Check, describeCheck } from "../../model/health/check.ts";
import { describeOutcome } from "../../model/health/check-result.ts";
import { type Endpoint, formatEndpoint } from "../../model/protocol/connection.ts";
import type { AttemptResult } from "../host/deployment-records.ts";
import { StepError, type StepFailure } from "../platform/step-error.ts";
import type { FinishedAttempt } from "./attempt.ts";

/** What an exit code of `switch-to-configuration` says (switch-to-configuration-ng of nixpkgs; 124 and 137: timeout(1)). @internal */
export function describeExitCode(code: number): string {
  switch (code) {
    case 1:
      return "nothing was applied: a check before the switch failed, or another switch is running (exit code 1)";
    case 2:
      return "the activation script failed (exit code 2)";
    case 3:
    case 4:
      return `units failed to start, stop or reload (exit code ${code})`;
    case 100:
      return "the new system cannot be switched to without a reboot (exit code 100)";
    case 101:
      return "switch-to-configuration itself crashed (exit code 101)";
    case 124:
    case 137:
      return `it did not end within its deadline (exit code ${code})`;
    default:
      return `exit code ${code}`;
  }
}

/** The error of an attempt that its supervisor ended without success. */
export function attemptFailure(
  host: string,
  finished: FinishedAttempt,
  options: {
    oldSystem: string;
    confirmSeconds: number;
    /** Where the host was tried. */
    places: readonly Endpoint[];
    checks: readonly Check[];
    logFile: string;
  },
): StepError {
  const { result, log } = finished;
  const failure: StepFailure = {
    host,
    step: result.reason === "none" ? "activation" : stepNames[result.reason],
    seen: [
      reason(result, options),
      ...unitLines(result),
      ...checkLines(finished, options.checks),
      standing(result, options.oldSystem),
      lastLines(log),
    ]
      .filter((part) => part !== "")
      .join("\n"),
    next: advice(result),
    log: options.logFile,
  };
  return new StepError(failure);
}

const stepNames = {
  busy: "activation",
  inhibited: "activation",
  activation: "activation",
  units: "health",
  check: "health",
  confirmation: "confirmation",
  commit: "commit",
} as const;

function reason(result: AttemptResult, { confirmSeconds, places }: Confirming): string {
  switch (result.reason) {
    case "busy":
      return "another switch on the host did not end in time; nothing was changed";
    case "inhibited":
      return "critical parts of the system differ (systemd, D-Bus), so it cannot be tested without a reboot; nothing was changed";
    case "units":
      return "units are worse than before the activation:";
    case "check":
      return "the system runs, but not all checks hold:";
    case "confirmation":
      return `no new connection came through within ${confirmSeconds} s after the activation${lookedFor(places)}`;
    case "commit":
      return `the profile or the boot entry could not be written: ${describeExitCode(result.exitCode)}`;
    default:
      return describeExitCode(result.exitCode);
  }
}

interface Confirming {
  readonly confirmSeconds: number;
  readonly places: readonly Endpoint[];
}

/** One place goes without saying. */
function lookedFor(places: readonly Endpoint[]): string {
  return places.length === 1 ? "" : `, neither at ${places.map(formatEndpoint).join(" nor at ")}`;
}

function unitLines({ units }: AttemptResult): string[] {
  return units.filter(({ verdict }) => verdict === "worse").map(({ unit, why }) => `  ${unit} ${why}`);
}

function checkLines({ result, operatorChecks }: FinishedAttempt, checks: readonly Check[]): string[] {
  const bad = [...result.checks, ...operatorChecks].filter(({ ok }) => !ok);
  if (bad.length > 0 || result.reason !== "check")
    return bad.map((outcome) => describeOutcome(outcome, checks));
  const told = new Set(result.checks.map(({ check }) => check));
  return checks.flatMap((check, index) =>
    check.from === "operator" || told.has(index) ? [] : [`  ${describeCheck(check)}: did not finish`],
  );
}

function standing(result: AttemptResult, oldSystem: string): string {
  const rebooted = result.rebooted ? "; no operator reached it afterwards, so it rebooted" : "";
  const back = `the host runs ${result.current}`;
  switch (result.reverted) {
    case "yes":
      return `${back}: the system it ran before is back, profile and boot entry are as they were${rebooted}`;
    case "with-errors":
      return `${back}: the system it ran before is back, but its activation reported errors${rebooted}`;
    case "no":
      return `rolling back to ${oldSystem} FAILED, so the host rebooted into it`;
    case "not-needed":
      return `${back}, as before`;
  }
}

function advice(result: AttemptResult): string {
  if (result.reverted === "no") return "check the log for what stopped the rollback, then run it again";
  if (result.exitCode === 100 || result.reason === "inhibited")
    return "deploy with goal `boot`, then reboot the host";
  if (result.reason === "confirmation")
    return "check what the new system does to SSH, the network or the firewall, then run it again";
  if (result.reason === "check")
    return "correct the configuration, or the checks under `health`, then run it again";
  return "correct the configuration, then run it again";
}

/** The failed units' last journal lines are among them: the supervisor writes them into its log. */
function lastLines(log: string): string {
  const lines = log.split("\n").slice(-24);
  return log.trim() === ""
    ? ""
    : ["last lines of the activation:", ...lines.map((line) => `  ${line}`)].join("\n");
}
