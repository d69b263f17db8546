import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";
import { StepError } from "../../../runtime/platform/step-error.ts";
import type { Component, ComponentFact, SetUpContext } from "./component.ts";
import { lookFor, provide } from "./resolve.ts";

/**
 * Gets every component, one line of progress each. Nothing is shown when all are there. A failure does not stop the
 * others: all faults are reported at once. The first component is settled before the others begin, as they may need it.
 *
 * @throws StepError with everything that could not be had
 */
export async function provideAll(
  components: readonly Component[],
  context: SetUpContext,
): Promise<ComponentFact[]> {
  const missing = await noteReady(components, context);
  const [first, ...others] = missing;
  if (first !== undefined) {
    const failures: string[] = [];
    const leading = first === components[0] ? [first] : [];
    if (leading.length > 0) await provideMissing(leading, context, failures);
    await provideMissing(leading.length > 0 ? others : missing, context, failures);
    if (failures.length > 0)
      throw new StepError({
        step: "set-up of the toolchain",
        seen: `${failures.length} of ${components.length} components could not be had\n${failures.join("\n")}`,
      });
  }
  return components.flatMap((component) => context.ready.get(component.name) ?? []);
}

async function noteReady(components: readonly Component[], context: SetUpContext): Promise<Component[]> {
  const looked = await Promise.all(
    components.map(async (component) => ({ component, result: await lookFor(component, context) })),
  );
  const missing: Component[] = [];
  for (const { component, result } of looked)
    if ("because" in result) missing.push(component);
    else context.ready.set(component.name, result);
  return missing;
}

async function provideMissing(
  missing: readonly Component[],
  context: SetUpContext,
  failures: string[],
): Promise<void> {
  const list = new Listr(
    missing.map((component) => ({
      title: component.title,
      task: async (_context, task): Promise<void> => {
        try {
          const fact = await provide(component, context, (line) => {
            task.output = line;
          });
          context.ready.set(component.name, fact);
          task.title = `${component.title}: ${describeOrigin(fact)}`;
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error));
          throw new Error(`${component.title}: failed`, { cause: error });
        }
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      // Signals are the caller's: it aborts, and everything ends on its own.
      registerSignalListeners: false,
      rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, logger: standardError() },
      fallbackRendererOptions: { timer: PRESET_TIMER, logger: standardError() },
      fallbackRendererCondition: () => !process.stderr.isTTY,
    },
  );
  await list.run();
  context.signal.throwIfAborted();
}

/** Standard output is for results, which other programs read. */
function standardError(): ListrLogger {
  return new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
}

/** `2.26.3, from Debian's packages` and the like. */
export function describeOrigin(fact: ComponentFact): string {
  const how: Record<ComponentFact["origin"], string> = {
    found: `found at ${fact.path}`,
    official: "official release",
    built: "built from source",
    distribution: "from Debian's packages, in a private folder",
  };
  return `${fact.version}, ${fact.standIn === true ? "stand-in, " : ""}${how[fact.origin]}`;
}
