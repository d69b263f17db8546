import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { type HistoryEntry, historyEntrySchema } from "../../runtime/host/deployment-records.ts";
import { createMachineFactory } from "../../test/harness/machines/factory.ts";
import { generateKeyPair } from "../../test/integration/ssh/local-sshd.ts";
import { systemMaker } from "../deploy/systems.ts";
import { createTarget, type Target } from "../deploy/targets.ts";
import { runFleet } from "../deploy/tools.ts";
import { Disturbance } from "../measure/rounds.ts";
import { summarise } from "../measure/statistics.ts";
import type { Benchmark, BenchmarkContext, Report } from "../report.ts";

const confirmSeconds = 5;
/** The word that confirms, not the one that says after a way back that the host can be reached. */
const confirmation = "fleet-signal-attempt [^ ]+ confirm ";

const about = [
  "Deployments that fail, on one test machine, by its own clock (`fleet history`). Lost contact: the new system runs, and every confirming connection is",
  `refused, with \`deadlines.confirm\` of ${confirmSeconds} s; from the end of the activation until the old system runs again. Failed activation: a unit of the new`,
  "system does not start; from the end of that activation until the old system runs again. Both include the activation of the old system, and what the host",
  "looks at before the activation, which its history does not count apart.",
].join(" ");

/** How soon a host is back on its old system. */
export const deployFailures: Benchmark = {
  name: "deploy-failures",
  title: "Back to the old system",
  place: "world",
  async run(context) {
    const folder = mkdtempSync(path.join(tmpdir(), "bench-failures-"));
    const factory = await createMachineFactory();
    try {
      const deployKey = generateKeyPair();
      const next = systemMaker(deployKey.publicKey);
      const target = await createTarget(factory, folder, "198.51.100.20", await next(), deployKey);
      const report = await measure(target, next, context);
      await target.close();
      return report;
    } finally {
      await factory.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  target: Target,
  next: (settings?: object) => Promise<HostSystem>,
  context: BenchmarkContext,
): Promise<Report> {
  const disturbance = new Disturbance();
  const lost: number[] = [];
  const failed: number[] = [];
  for (let round = 1; round <= context.rounds; round++) {
    const good = await next();
    await disturbance.settle(context);
    await target.machine.faults.onCommand(confirmation, { kind: "fail", exitCode: 255 });
    lost.push(secondsBack(await failure(target, good, "confirmation")));
    await target.machine.faults.clearCommandFaults();
    const bad = await next({ faults: { inject: "units" } });
    await disturbance.settle(context);
    failed.push(secondsBack(await failure(target, bad, "activation")));
    context.say(`round ${round}/${context.rounds}: ${lost.at(-1)} s, ${failed.at(-1)} s`);
  }
  return {
    name: deployFailures.name,
    title: deployFailures.title,
    about,
    series: [
      { label: "from lost contact to the old system", unit: "s", samples: lost },
      { label: "from a failed activation to the old system", unit: "s", samples: failed },
    ],
    goals: [
      {
        text: "lost contact: seconds beyond `deadlines.confirm`",
        measured: summarise(lost).max - confirmSeconds,
        limit: 1,
      },
      { text: "failed activation: seconds", measured: summarise(failed).max, limit: 1 },
    ],
    disturbed: disturbance.counts(),
  };
}

/** Lets a deployment fail. @returns what the host has noted of it */
async function failure(
  target: Target,
  wanted: HostSystem,
  reason: HistoryEntry["reason"],
): Promise<HistoryEntry> {
  const spec = target.spec(wanted, 0);
  const deadlines = { ...spec.deadlines, confirm: confirmSeconds };
  const refused = await runFleet(JSON.stringify({ ...spec, deadlines })).then(
    () => false,
    () => true,
  );
  const line = await target.machine.console(["tail", "-n", "1", "/var/lib/fleet/history.jsonl"]);
  const entry = historyEntrySchema.parse(JSON.parse(line));
  const { to, current, outcome } = entry;
  const isOurs = refused && to === wanted.toplevel && outcome === "failed" && entry.reason === reason;
  if (!isOurs || current !== target.running.toplevel)
    throw new Error(`the deployment did not fail as it should have: ${line}`);
  return entry;
}

/** The whole attempt less its activation, and less the wait for the operator after the way back. */
function secondsBack({ seconds, durations }: HistoryEntry): number {
  const { activation, revert, contact } = durations ?? {};
  if (activation === undefined || revert === undefined || contact === undefined)
    throw new Error("the history does not say how long the steps took");
  return seconds - activation - contact;
}
