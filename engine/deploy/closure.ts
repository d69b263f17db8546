import type { DeploySpec } from "../../fleet/protocol/deploy.ts";
import { run, withoutPulumiSecrets } from "../process/run.ts";
import { StepError } from "../step-error.ts";
import type { AttemptContext } from "./attempt.ts";

const nix = ["--extra-experimental-features", "nix-command flakes"];

/** Builds the wanted system on this machine. */
export async function buildClosure(spec: DeploySpec, context: AttemptContext): Promise<void> {
  const { toplevel, toplevelDerivation } = spec.system;
  const installable = toplevelDerivation === null ? toplevel : `${toplevelDerivation}^*`;
  const result = await run("nix", [...nix, "build", "--no-link", installable], {
    timeoutSeconds: spec.deadlines.build,
    reporter: context.reporter,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  if (!result.ok) throw new StepError({ host: spec.host, step: "build", seen: result.stderr });
}

/** Copies the wanted system to the host. */
export async function copyToHost(spec: DeploySpec, context: AttemptContext): Promise<void> {
  const { session } = context;
  const root = spec.connection.user === "root";
  const store = root
    ? `ssh://${session.destination}`
    : `ssh-ng://${session.destination}?remote-program=sudo%20-n%20nix-daemon`;
  const result = await run(
    "nix",
    [...nix, "copy", "--no-check-sigs", "--substitute-on-destination", "--to", store, spec.system.toplevel],
    {
      env: { ...withoutPulumiSecrets(), NIX_SSHOPTS: session.options.join(" ") },
      timeoutSeconds: spec.deadlines.copy,
      reporter: context.reporter,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    },
  );
  if (!result.ok) throw new StepError({ host: spec.host, step: "copy", seen: result.stderr });
}
