import { shortSystem } from "../../model/naming/short-system-name.ts";
import { type Generation, readGenerations } from "../../runtime/operations/generations.ts";
import { readStackOutputs, type StackSelection, sshTarget } from "../../runtime/pulumi/outputs.ts";
import { openSession } from "../../runtime/ssh/session.ts";
import { textTable } from "../io/table.ts";
import { print, type View } from "../io/view.ts";

const contactSeconds = 30;

/** Lists the systems a host has kept, and what each of them is now. */
export async function generations(selection: StackSelection, host: string, view: View): Promise<number> {
  const { signal } = view;
  const target = sshTarget(await readStackOutputs(selection), host);
  await using session = await openSession(target, { timeoutSeconds: contactSeconds, signal });
  const { generations } = await readGenerations(session, { timeoutSeconds: contactSeconds, signal });
  print(view, generations, () => generationsTable(generations));
  return 0;
}

/** One row a generation, newest last. */
function generationsTable(generations: readonly Generation[]): string {
  const rows = generations.map(({ number, time, system, roles }) => [
    String(number),
    time.slice(0, 16).replace("T", " "),
    shortSystem(system),
    roles.join(", "),
  ]);
  return textTable(["generation", "made", "system", "is"], rows);
}
