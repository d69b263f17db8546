/** The derivation whose own builder failed, out of all those that failed because of it. */
export interface FailedBuild {
  /** Store path of the derivation. */
  readonly derivation: string;
  /** Name without hash, such as `nginx-1.28`. */
  readonly name: string;
  /** Nix's reason, such as "builder failed with exit code 1". */
  readonly reason: string;
  /** Last lines of its log. */
  readonly log: readonly string[];
}

/**
 * Finds the failed build in what `nix build` wrote to standard error: both the form of Nix >= 2.30 ("Cannot build …", "Reason: …") and
 * the older one ("builder for … failed with …;"). Undefined when something else went wrong.
 */
export function findFailedBuild(stderr: string): FailedBuild | undefined {
  const blocks = stderr.split(/^(?=\s*error: )/m);
  for (const block of blocks) {
    const found =
      /Cannot build '(?<derivation>\S+\.drv)'\.\s+Reason: (?<reason>.*?)\.?$/m.exec(block) ??
      /builder for '(?<derivation>\S+\.drv)' (?<ending>failed [^;\n]*)/m.exec(block) ??
      /a '(?<reason>\S+)' with features .* is required to build '(?<derivation>\S+\.drv)'/m.exec(block);
    const derivation = found?.groups?.["derivation"];
    const ending = found?.groups?.["ending"];
    const reason = ending === undefined ? found?.groups?.["reason"] : `builder ${ending}`;
    if (derivation === undefined || reason === undefined || /^\d+ dependenc/.test(reason)) continue;
    const log = [...block.matchAll(/^\s*> (.*)$/gm)].map((line) => line[1] ?? "");
    return { derivation, name: derivationName(derivation), reason, log };
  }
  return undefined;
}

/** What it means to a person: the end of the log, and where the rest is. */
export function describeFailedBuild(failed: FailedBuild): { seen: string; next: string } {
  const lines = failed.log.map((line) => `    ${line}`);
  return {
    seen: [`${failed.name}: ${failed.reason}`, ...lines].join("\n"),
    next: `The whole log: nix log ${failed.derivation}`,
  };
}

function derivationName(derivation: string): string {
  return derivation.replace(/^.*\/[0-9a-z]{32}-/, "").replace(/\.drv$/, "");
}
