import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildSystem } from "../../runtime/nix/store/build-local.ts";
import { createMachineFactory, type TestMachineFactory } from "../../test/harness/machines/factory.ts";
import {
  type BareMachine,
  bareMachine,
  chooseNixosAnywhere,
  numberMachinesFrom,
} from "../../test/integration/install/bare-machine.ts";
import { bareInstaller, fleetInstaller, type Installer, loginsOf } from "../install/tools.ts";
import { type Contender, Disturbance, measureInterleaved, resultsOf } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark, BenchmarkContext, Report } from "../report.ts";

const atOnce = 10;
const buildSeconds = 120;

const about = [
  `Stock machines to a verified NixOS, one and ${atOnce} at once; systems are built, machines are up beforehand. \`fleet\` is \`fleet internal`,
  "install` as Pulumi runs it: verified contact, lock, wipe guard, preflight, nixos-anywhere's kexec, records, disks, identity and host key,",
  "system, reboot, verified first boot. The floor is a script of some lines with the same steps and none of the checks. Both wait for the same",
  "two restarts. Connections are logins at the machine's sshd, in the installer and the installed system too. Memory is the peak of the resident set of the",
  "`fleet` process itself.",
].join(" ");

/** Installs against the same steps by a script, alone and side by side. */
export const install: Benchmark = {
  name: "install",
  title: "Installs, alone and side by side",
  place: "world",
  async run(context) {
    chooseNixosAnywhere();
    numberMachinesFrom(2);
    const folder = mkdtempSync(path.join(tmpdir(), "bench-install-"));
    const factory = await createMachineFactory();
    try {
      return await measure(factory, folder, context);
    } finally {
      await factory.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  factory: TestMachineFactory,
  folder: string,
  context: BenchmarkContext,
): Promise<Report> {
  const peaks: number[] = [];
  const logins = new Map<string, number[]>();
  const fleet = fleetInstaller((peak) => peaks.push(peak));
  const bare = bareInstaller(folder);
  const contenders = [
    contenderOf(factory, fleet, 1, logins),
    contenderOf(factory, bare, 1, logins),
    contenderOf(factory, fleet, atOnce, logins),
  ];
  const disturbance = new Disturbance();
  const results = await measureInterleaved(contenders, context, disturbance);
  const seconds = (tool: Installer, count: number) => resultsOf(results, label(tool, count)).seconds;
  const ratio = pairedRatios(seconds(fleet, 1), seconds(bare, 1));
  const parallel = pairedRatios(seconds(fleet, atOnce), seconds(fleet, 1));
  return {
    name: install.name,
    title: install.title,
    about,
    series: [
      { label: label(fleet, 1), unit: "s", samples: seconds(fleet, 1) },
      { label: label(bare, 1), unit: "s", samples: seconds(bare, 1) },
      { label: "fleet / bare script", unit: "×", samples: ratio },
      { label: label(fleet, atOnce), unit: "s", samples: seconds(fleet, atOnce) },
      { label: `${atOnce} at once / one`, unit: "×", samples: parallel },
      { label: "connections of an install, fleet", unit: "", samples: logins.get(fleet.name) ?? [] },
      { label: "connections of an install, bare script", unit: "", samples: logins.get(bare.name) ?? [] },
      { label: "peak memory of a fleet process", unit: "MiB", samples: peaks },
    ],
    goals: [
      { text: "install ÷ bare script", measured: summarise(ratio).median, limit: 1.25 },
      { text: `${atOnce} installs at once ÷ one`, measured: summarise(parallel).median, limit: 3 },
      { text: "peak memory of a process in MiB", measured: summarise(peaks).max, limit: 120 },
    ],
    disturbed: disturbance.counts(),
  };
}

function label({ name }: Installer, count: number): string {
  return `${count} × ${name}`;
}

function contenderOf(
  factory: TestMachineFactory,
  tool: Installer,
  count: number,
  logins: Map<string, number[]>,
): Contender {
  let machines: BareMachine[] = [];
  return {
    label: label(tool, count),
    prepare: async () => {
      await Promise.all(machines.map(({ machine }) => machine.destroy()));
      machines = [];
      numberMachinesFrom(2);
      for (let made = 0; made < count; made += 1) machines.push(await readyMachine(factory));
    },
    run: async (round) => {
      await Promise.all(machines.map((bare) => tool.install(bare)));
      const counts = machines.map(loginsOf);
      if (round >= 0 && count === 1) logins.set(tool.name, [...(logins.get(tool.name) ?? []), ...counts]);
      // Their addresses are the next contender's.
      await Promise.all(machines.map(({ machine }) => machine.destroy()));
      machines = [];
    },
  };
}

async function readyMachine(factory: TestMachineFactory): Promise<BareMachine> {
  const bare = await bareMachine(factory);
  const parts = ["toplevel", "disko", "diskoWithoutTools"] as const;
  await buildSystem(bare.spec.system, parts, { host: bare.spec.host, timeoutSeconds: buildSeconds });
  return bare;
}
