import { text } from "node:stream/consumers";
import { runDeploy } from "../../../cli/internal/deploy.ts";

// An operator in a process of its own, for tests that kill it: specification on standard input, result on standard output.
const result = await runDeploy(await text(process.stdin), { signal: new AbortController().signal });
process.stdout.write(`${JSON.stringify(result)}\n`);
