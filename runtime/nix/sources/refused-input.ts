import { StepError } from "../../platform/step-error.ts";

/** A flake input that was refused to the machine that fetched it. */
interface RefusedInput {
  /** Its URL; null where it is not named. */
  readonly url: string | null;
  /** The words of the refusal. */
  readonly why: string;
}

/** What OpenSSH, Git and Nix' downloads say to those without a credential. Forges call missing what may not be seen. */
const refusals = [
  /\S*: Permission denied \([^)\n]*\)/,
  /Host key verification failed/,
  /fatal: could not read (?:Username|Password) for [^\n]*/,
  /fatal: Authentication failed for [^\n]*/,
  /HTTP error (?:401|403|404)\b/,
];

const places = [
  /unable to download '([^']+)': HTTP error (?:401|403|404)\b/,
  /(?:could not read (?:Username|Password)|Authentication failed) for '([^']+)'/,
  /\brepository '?((?:git\+)?(?:ssh|https?):\/\/[^'\s!]+)/,
  /fetching the input '([^']+)'/,
];

/** Which input Nix was refused, from its standard error; undefined when it failed for another reason. @internal */
export function refusedInput(stderr: string): RefusedInput | undefined {
  const first = (patterns: readonly RegExp[]) =>
    patterns.map((pattern) => pattern.exec(stderr)).find((match) => match !== null);
  const why = first(refusals)?.[0].trim();
  return why === undefined ? undefined : { why, url: first(places)?.[1] ?? null };
}

/**
 * The error of another machine that was refused an input while it read a flake for us; undefined when that is not why it failed.
 * @param about the step, and the host it was for, if it was for one
 */
export function inputRefusedThere(
  machine: string,
  about: { readonly step: string; readonly host?: string },
  stderr: string,
): StepError | undefined {
  const refused = refusedInput(stderr);
  if (refused === undefined) return undefined;
  const input = refused.url === null ? "an input of the flake" : `the input ${refused.url}`;
  return new StepError({
    ...about,
    seen: `${input} was refused to ${machine}, which reads the flake because Nix is not installed on this machine: ${refused.why}`,
    next: `Your SSH agent, netrc and access tokens stay on this machine. For an input that needs them, install Nix on this machine, name a build host with its own credentials (build.on), or use a local copy of the input (path:/…, git+file:/…).`,
  });
}
