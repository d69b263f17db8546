/** Opens the session described on standard input, says so, and waits to be killed. */
import { text } from "node:stream/consumers";
import { openSession, type SshTarget } from "../../../runtime/ssh/session.ts";

const target = JSON.parse(await text(process.stdin)) as SshTarget;
await openSession(target, { timeoutSeconds: 10 });
process.stdout.write("open\n");
setInterval(() => {}, 1000);
