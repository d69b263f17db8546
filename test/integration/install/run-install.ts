/** `fleet internal install` for tests that kill it: specification on standard input, progress on standard error. */
import { text } from "node:stream/consumers";
import { runInstall } from "../../../cli/internal/install.ts";
import { interruptSignal } from "../../../cli/io/abort-signal.ts";

try {
  const result = await runInstall(await text(process.stdin), { signal: interruptSignal() });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
