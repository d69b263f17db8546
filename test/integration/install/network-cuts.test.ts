import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InstallPhase } from "../../../model/protocol/install.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { untilCommand } from "./command-watch.ts";
import { formattings, install, onInstalled, refusal, showConsoleOnFailure } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(30);
  factory = await createMachineFactory();
});
afterAll(() => factory.close());

interface Cut {
  /** Command on the machine during which the cable is pulled; null: before the first. */
  readonly during: string | null;
  /** Deadline of that phase, in seconds: nothing else ends it, as nobody says that packets vanish. */
  readonly seconds: number;
  readonly said: RegExp;
  readonly after: "installed" | "adopted";
}

describe.concurrent("the cable is pulled: the phase ends at its deadline, and the next run ends well", () => {
  const cuts: [InstallPhase, Cut][] = [
    [
      "contact",
      { during: null, seconds: 5, said: /contact failed: \S+ port 22 could not be/, after: "installed" },
    ],
    // Once the connection is known to be lost, it is tried again.
    [
      "facts",
      {
        during: "' fleet-inspect-machine ",
        seconds: 20,
        said: /phase facts, failed|contact failed/,
        after: "installed",
      },
    ],
    [
      "kexec",
      { during: 'nixos-anywhere-kexec.sh"$', seconds: 45, said: /phase kexec, failed/, after: "installed" },
    ],
    [
      "disko",
      { during: "^/nix/store/.*-disko$", seconds: 20, said: /phase disko, failed/, after: "installed" },
    ],
    [
      "install",
      {
        during: "nix-store --serve --write.*mnt",
        seconds: 20,
        said: /phase install, failed/,
        after: "installed",
      },
    ],
    [
      "reboot",
      {
        during: "' fleet-leave-installer$",
        seconds: 20,
        said: /phase reboot, failed: .*could not be reached/,
        after: "adopted",
      },
    ],
    [
      "verify",
      { during: "' fleet-verify-install ", seconds: 20, said: /phase verify, failed/, after: "adopted" },
    ],
  ];
  test.for(cuts)("in phase %s", async ([phase, { during, seconds, said, after }], { onTestFailed }) => {
    const { spec, machine } = await bareMachine(factory);
    showConsoleOnFailure(machine, onTestFailed);
    if (during !== null) await machine.faults.onCommand(during, { kind: "hold" }, 1);
    else await machine.faults.pullCable();
    const pulled =
      during === null
        ? Promise.resolve()
        : untilCommand(machine, during)
            .then(() => machine.faults.pullCable())
            .then(() => machine.faults.clearCommandFaults());
    const [message] = await Promise.all([
      refusal({ ...spec, deadlines: { ...spec.deadlines, [phase]: seconds } }),
      pulled,
    ]);
    expect(message).toMatch(said);
    expect(message).toMatch(/\n {2}next: /);
    await machine.faults.plugCable();
    const patient = { ...spec, deadlines: { ...spec.deadlines, contact: 60, facts: 90 } };
    expect((await install(patient)).outcome).toBe(after);
    expect(await formattings(machine)).toBeLessThanOrEqual(phase === "disko" ? 2 : 1);
    expect(await onInstalled(spec, "readlink -f /run/current-system")).toBe(spec.system.toplevel);
  });
});
