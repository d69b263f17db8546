import path from "node:path";
import { connectionSecrets } from "../../model/protocol/connection.ts";
import { createRedactor } from "../../runtime/platform/redactor.ts";
import { createReporter, type Reporter } from "../../runtime/platform/reporter.ts";
import type { StackSelection } from "../../runtime/pulumi/outputs.ts";
import type { SshTarget } from "../../runtime/ssh/target.ts";

/** Folder of the logs of one host, where deployments leave theirs too. */
export function logDirectory({ projectRoot, stack = "selected" }: StackSelection, host: string): string {
  return path.join(projectRoot, ".fleet", "logs", stack, host);
}

/** Reports on standard error what is done to a host, and everything in a log. */
export function hostReporter(what: string, { host, connection }: SshTarget, folder: string): Reporter {
  const redact = createRedactor(connectionSecrets(connection));
  return createReporter({ host, what, logDirectory: folder, redact });
}
