import { withoutPulumiSecrets } from "../platform/run-command.ts";

/** Works with any Nix >= 2.24, whatever its configuration enables. */
const features = ["--extra-experimental-features", "nix-command flakes"];

/**
 * Environment of every Nix process: the user's own (HOME, SSH agent, netrc, access tokens, NIX_CONFIG: private inputs and builders
 * need them) without Pulumi's secrets and without the variables through which a Git hook redirects Git.
 */
export function nixEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const gitRedirections = new Set(["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"]);
  return Object.fromEntries(
    Object.entries(withoutPulumiSecrets(environment)).filter(([name]) => !gitRedirections.has(name)),
  );
}

/** Arguments of a `nix` call: subcommand and options, with the features we rely on switched on for this call only. */
export function nixArguments(...args: readonly string[]): string[] {
  return [...features, "--log-format", "raw", ...args];
}
