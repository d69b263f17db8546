import path from "node:path";
import { run } from "../../runtime/platform/run-command.ts";
import { createStack, type StackFixture } from "../../test/integration/stack/fixture.ts";
import type { Benchmark } from "../report.ts";
import { type Tracer, traceCalls } from "../trace/tracer.ts";

const programs = ["nix", "nix-build", "nix-daemon", "nix-env", "nix-instantiate", "nix-shell", "nix-store"];
const runSeconds = 300;

/** Nix processes of preview and up, when nothing changed and when one host did. */
export const noNix: Benchmark = {
  name: "no-nix",
  title: "Nix processes of an unchanged stack",
  place: "world",
  async run(context) {
    const fixture = await createStack();
    try {
      fixture.configure({ web: {}, db: {} });
      const created = await fixture.up();
      if (!created.ok) throw new Error(created.output);
      const tracer = traceCalls(
        programs,
        fixture.project.environment,
        path.join(fixture.project.folder, "trace"),
      );
      const calls = { preview: [] as number[], up: [] as number[], changed: [] as number[] };
      for (let round = 0; round < context.rounds; round++) {
        calls.preview.push(await callsOf(fixture, tracer, ["preview", "--expect-no-changes"]));
        calls.up.push(
          await callsOf(fixture, tracer, ["up", "--yes", "--skip-preview", "--expect-no-changes"]),
        );
      }
      fixture.project.editHosts("web/default.nix", "version 1", "version 2");
      calls.changed.push(await callsOf(fixture, tracer, ["preview"]));
      context.say(`preview: ${calls.preview}; up: ${calls.up}; preview of a change: ${calls.changed}`);
      if (calls.changed.includes(0))
        throw new Error("no call was seen although a host changed: nothing was traced");
      return {
        name: this.name,
        title: this.title,
        about:
          "Calls of any Nix program during `pulumi preview` and `pulumi up` of two installed hosts with nothing changed, noted by a program of that " +
          "name in front of the real one on PATH. The control is a preview after one line of one host was changed: there the count must not be zero.",
        series: [
          { label: "preview, nothing changed", unit: "", samples: calls.preview },
          { label: "up, nothing changed", unit: "", samples: calls.up },
          { label: "preview, one host changed (control)", unit: "", samples: calls.changed },
        ],
        goals: [
          { text: "Nix processes in a preview", measured: Math.max(...calls.preview), limit: 0 },
          { text: "Nix processes in an up", measured: Math.max(...calls.up), limit: 0 },
        ],
        disturbed: { samples: 0, of: 0 },
      };
    } finally {
      await fixture.close();
    }
  },
};

async function callsOf(fixture: StackFixture, tracer: Tracer, command: readonly string[]): Promise<number> {
  tracer.takeCalls();
  const args = [...command, "--stack", "test", "--non-interactive"];
  const result = await run("pulumi", args, {
    cwd: fixture.project.folder,
    env: tracer.environment,
    timeoutSeconds: runSeconds,
  });
  if (!result.ok) throw new Error(`pulumi ${command.join(" ")} failed:\n${result.stdout}${result.stderr}`);
  return tracer.takeCalls().length;
}
