import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until something is so.
 * @throws Error when it is not so within `seconds`
 */
export async function eventually(condition: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not come about within ${seconds} s: ${condition}`);
    await sleep(100);
  }
}
