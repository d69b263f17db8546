import { run } from "../../runtime/platform/run-command.ts";
import type { Contender } from "../measure/rounds.ts";

/** `pulumi preview` of a stack in which nothing has changed. @param seconds it may take */
export function previewing(
  label: string,
  {
    folder,
    environment,
  }: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
  seconds: number,
): Contender {
  const args = ["preview", "--stack", "test", "--non-interactive", "--expect-no-changes"];
  return {
    label,
    run: async () => {
      const result = await run("pulumi", args, { cwd: folder, env: environment, timeoutSeconds: seconds });
      if (!result.ok) throw new Error(`preview of ${label} failed:\n${result.stdout}${result.stderr}`);
    },
  };
}
