import { withFileLock } from "../../../harness/toolchain/file-lock.ts";

// Takes the lock named by the only argument, says so, and keeps it until it is killed.
const [, , lock = ""] = process.argv;
await withFileLock(lock, undefined, async () => {
  process.stdout.write("held\n");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
