import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { run } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import type { StackSelection } from "../../pulumi/outputs.ts";

/** Which stack a selection means, and where its state lives. */
export interface LocatedStack {
  readonly name: string;
  readonly project: string;
  readonly backendUrl: string;
}

const commandSeconds = 60;
const projectSchema = z.object({ name: z.string() });
const whoamiSchema = z.object({ url: z.string() });

/**
 * Asks the Pulumi CLI for the stack and its backend.
 * @throws StepError step "reading the stack"
 */
export async function locateStack(selection: StackSelection): Promise<LocatedStack> {
  const project = await projectOf(selection);
  const whoami = await pulumi(selection, ["whoami", "--verbose", "--json"]);
  const name = selection.stack ?? (await pulumi(selection, ["stack", "--show-name"])).trim();
  return { name, project: project.name, backendUrl: whoamiSchema.parse(JSON.parse(whoami)).url };
}

async function projectOf({ projectRoot }: StackSelection): Promise<z.infer<typeof projectSchema>> {
  try {
    return projectSchema.parse(parse(await readFile(path.join(projectRoot, "Pulumi.yaml"), "utf8")));
  } catch (error) {
    throw new StepError(
      {
        step: reading.step,
        seen: `${projectRoot} holds no Pulumi.yaml that names a project`,
        next: "run it in the project's folder, or name that with -C",
      },
      { cause: error },
    );
  }
}

/**
 * `pulumi cancel`: removes all locks of a file or bucket backend, and ends the update that Pulumi Cloud knows of; where that knows none,
 * it fails.
 * @throws StepError step "cancelling the update"
 */
export async function cancelUpdate(selection: StackSelection, stack: LocatedStack): Promise<void> {
  await pulumi(selection, ["cancel", "--yes", "--stack", stack.name], {
    step: "cancelling the update",
    next: "if it says that there is none, the stack is free: run `pulumi up` again",
  });
}

const reading = {
  step: "reading the stack",
  next: "check `pulumi stack ls` and the passphrase or login it needs",
};

async function pulumi(
  selection: StackSelection,
  args: readonly string[],
  said: Readonly<Record<"step" | "next", string>> = reading,
): Promise<string> {
  const result = await run("pulumi", [...args, "--non-interactive"], {
    cwd: selection.projectRoot,
    // Pulumi itself needs its passphrase and tokens.
    env: process.env,
    timeoutSeconds: commandSeconds,
  });
  if (result.ok) return result.stdout;
  throw new StepError({
    ...said,
    seen: result.timedOut ? `pulumi ${args[0]} did not end in ${commandSeconds} s` : result.stderr,
  });
}
