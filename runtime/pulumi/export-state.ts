import { run } from "../platform/run-command.ts";
import type { StackSelection } from "./outputs.ts";

const readSeconds = 60;

/** What `pulumi stack export` prints, or why it prints nothing. */
export type ExportedStack =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** Reads a stack's state through the Pulumi CLI, which takes no lock for it, and without decrypting anything. */
export async function exportStack(selection: StackSelection): Promise<ExportedStack> {
  const stack = selection.stack === undefined ? [] : ["--stack", selection.stack];
  const result = await run("pulumi", ["stack", "export", "--non-interactive", ...stack], {
    cwd: selection.projectRoot,
    // Pulumi itself needs its login.
    env: selection.environment ?? process.env,
    timeoutSeconds: readSeconds,
  });
  if (result.timedOut) return { ok: false, why: `pulumi stack export did not end in ${readSeconds} s` };
  if (!result.ok) return { ok: false, why: `pulumi stack export failed: ${result.stderr.trim()}` };
  return { ok: true, text: result.stdout };
}
