import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runGate } from "../../../cli/internal/gate.ts";
import { inspectForRollback } from "../../../runtime/operations/rollback/inspect-hosts.ts";
import { testAddress } from "../addresses.ts";
import { createScene, type Scene } from "./scene.ts";

const hour = 3600;
let scene: Scene;
beforeAll(async () => {
  scene = await createScene("skew", testAddress(65));
  await scene.deploy(await scene.spec("one"));
});
afterAll(() => scene?.close());

/**
 * Lets the machine's clock be wrong for everything that scripts learn of it: the time, and the times of files, which the kernel would
 * write by the same clock. A container has no clock of its own.
 */
async function setWrong(seconds: number): Promise<void> {
  const script = `set -eu
mkdir -p /run/wrong
date=$(readlink -f "$(command -v date)") stat=$(readlink -f "$(command -v stat)")
for program in date stat; do
  eval "path=\\$$program"
  umount "$path" 2>/dev/null || true
  cp "$path" "/run/wrong/$program.real"
done
cat >/run/wrong/date <<'END'
#!/bin/sh
exec /run/wrong/date.real --date="now @@ seconds" "$@"
END
cat >/run/wrong/stat <<'END'
#!/bin/sh
case "$1 $2" in
"-c %Y"*)
  /run/wrong/stat.real "$@" | while read -r time rest; do
    echo "$((time + @@))\${rest:+ $rest}"
  done
  ;;
*) exec /run/wrong/stat.real "$@" ;;
esac
END
sed -i "s/@@/$1/" /run/wrong/date /run/wrong/stat
chmod +x /run/wrong/date /run/wrong/stat
mount --bind /run/wrong/date "$date"
mount --bind /run/wrong/stat "$stat"`;
  await scene.web.machine.console(["bash", "-c", script, "wrong", String(seconds)]);
}

/** Of the newest line in the history: how far its time is from ours, in seconds. */
async function skewOfHistory(): Promise<number> {
  const { history } = await scene.observe();
  return (Date.parse(history.at(-1)?.time ?? "") - Date.now()) / 1000;
}

describe.each([
  ["ahead", hour],
  ["behind", -hour],
])("a host whose clock is an hour %s", (word, seconds) => {
  beforeAll(() => setWrong(seconds));

  it("is deployed to, by the times of its own clock", async () => {
    const spec = await scene.spec(`${word}`, { update: `update ${word}` });
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "deployed" });
    expect(Math.abs((await skewOfHistory()) - seconds)).toBeLessThan(hour / 2);
    expect(await scene.deploy(spec)).toMatchObject({ outcome: "unchanged" });
  });

  it("goes back when nobody confirms, neither at once nor an hour late", async () => {
    const before = await scene.observe();
    await scene.faults.onCommand("fleet-signal-attempt [^ ]+ confirm ", { kind: "fail", exitCode: 255 });
    const spec = await scene.spec(`refused ${word}`);
    const { failure } = await scene.refusal({ ...spec, deadlines: { ...spec.deadlines, confirm: 3 } });
    await scene.faults.clearCommandFaults();
    expect(failure.seen).toContain("no new connection came through within 3 s");
    const { current, profile, history } = await scene.observe();
    expect([current, profile]).toEqual([before.current, before.profile]);
    const last = history.at(-1);
    expect(last).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: false });
    expect(last?.durations?.contact).toBeLessThan(hour / 2);
    expect(last?.seconds).toBeGreaterThanOrEqual(3);
    expect(last?.seconds).toBeLessThan(hour / 2);
  });

  it("tells how long ago it was deployed to, whoever asks", async () => {
    const [looked] = await inspectForRollback([scene.target()], { timeoutSeconds: 30, parallel: 1 });
    if (looked?.look.reachable !== true) throw new Error("it was not checked");
    expect(looked.look.newest?.update).toBe(`update ${word}`);
    expect(looked.look.newest?.age).toBeGreaterThanOrEqual(0);
    expect(looked.look.newest?.age).toBeLessThan(hour / 2);
  });

  it("has to run for as long as its wave soaks, counted from its deployment", async () => {
    const spec = await scene.spec(`soaked ${word}`);
    await scene.deploy(spec);
    const { toplevel } = spec.system;
    const { connection, hostKey } = spec;
    const gate = {
      ...{ version: 1, wave: "all", key: "k", soakSeconds: 6, contactSeconds: 30 },
      hosts: [{ host: "web", connection, hostKey, system: toplevel, goal: "switch" }],
      logDirectory: scene.logDirectory,
    };
    const options = { signal: new AbortController().signal, write: () => {} };
    const { seconds: waited } = await runGate(JSON.stringify(gate), options);
    expect(waited).toBeLessThan(hour / 2);
    const [looked] = await inspectForRollback([scene.target()], { timeoutSeconds: 30, parallel: 1 });
    if (looked?.look.reachable !== true) throw new Error("it was not checked");
    expect(looked.look.age).toBeGreaterThanOrEqual(5);
  });
});
