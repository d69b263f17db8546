import { setTimeout as sleep } from "node:timers/promises";
import type { TestMachine } from "../../harness/machines/machine.ts";

/** Waits until the machine was asked for a command that matches. @throws Error after two minutes */
export async function untilCommand(machine: TestMachine, pattern: string): Promise<void> {
  const wanted = new RegExp(pattern);
  for (let waited = 0; waited < 120_000; waited += 50) {
    const commands = await machine.sshCommands();
    if (commands.some(({ command }) => command !== null && wanted.test(command))) return;
    await sleep(50);
  }
  throw new Error(`${machine.id} was never asked for ${pattern}`);
}
