import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../../runtime/platform/package-root.ts";

const folder = path.join(packageRoot(), "runtime", "remote");
const wallClock = /\bdate\b|\bstat\b.*%[WXYZ]|EPOCH|%\([^)]*\)T|-newer/;

/** Every place where a script on a target reads or sets the wall clock. */
const known: Readonly<Record<string, readonly string[]>> = {
  // Told to people, and compared with nothing.
  "host/collect-vitals.sh": ["printf 'clock %s\\n' \"$(date +%s)\""],
  "host/list-generations.sh": [
    'printf \'generation %s %s %s\\n\' "$number" "$(stat -c %Y "$link")" "$(readlink -f "$link")"',
  ],
  "deploy/transaction.sh": ["time=$(date -u +%Y-%m-%dT%H:%M:%SZ)"],
  // An installer whose clock is wrong by much is set right: nothing there would accept a certificate otherwise.
  "install/inspect-machine.sh": ['echo "clock $(date +%s)"'],
  "install/set-clock.sh": ['date --utc --set="@$1" >/dev/null'],
  // A time of the host's own, and an age by one clock.
  "host/inspect-host.sh": ["date +'now %s'", "stat -c '%Y %N' \"$@\""],
};

describe("scripts on targets", () => {
  it("read the wall clock nowhere but where it is known to be harmless: deadlines go by the time since the boot", () => {
    const found = Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".sh"))
        .map((file): [string, string[]] => {
          const lines = readFileSync(path.join(folder, file), "utf8").split("\n");
          const code = lines.map((line) => line.trim()).filter((line) => !line.startsWith("#"));
          return [file, code.filter((line) => wallClock.test(line))];
        })
        .filter(([, lines]) => lines.length > 0),
    );
    expect(found).toEqual(known);
  });
});
