import { z } from "zod";
import type { Choice } from "../../model/cloud-catalog/choice.ts";
import type { HostNames } from "../../model/naming/host-names.ts";
import { type Part, parts, volumeParts } from "../../model/naming/resource-names.ts";
import { run } from "../platform/run-command.ts";
import type { StackSelection } from "./outputs.ts";
import {
  deployedSystem,
  installRun,
  isCommand,
  isPending,
  location,
  type RecordedInstall,
  serverChoice,
  volumeSize,
} from "./recorded-resources.ts";
import { parseResources, type StateResource } from "./state-resources.ts";

/** What the state of a stack knows of one host. */
export interface RecordedHost {
  /** What its server was created with. */
  readonly server: Choice | undefined;
  /** Location at Hetzner or zone at Scaleway of its server. */
  readonly serverLocation: string | undefined;
  /** Location or zone of its public addresses. */
  readonly addressLocation: string | undefined;
  /** An install of it has run, whatever it was run for. */
  readonly installed: boolean;
  readonly install: RecordedInstall | undefined;
  /** Store path of the system that was deployed last. */
  readonly deployedSystem: string | undefined;
  /** Its last deployment could not reach it. */
  readonly pending: boolean;
  /** Size in GB of one of its volumes, at Scaleway. */
  volumeSize(volume: string): number | undefined;
}

/** The state of a stack. */
export class RecordedState {
  readonly #byName: ReadonlyMap<string, readonly StateResource[]>;

  /** @param exported what `pulumi stack export` prints */
  constructor(exported: string) {
    const byName = new Map<string, StateResource[]>();
    for (const resource of parseResources(exported))
      byName.set(resource.name, [...(byName.get(resource.name) ?? []), resource]);
    this.#byName = byName;
  }

  /** Finds each resource of a host under the host's name, or else under a name that the host had before. */
  host(names: HostNames): RecordedHost {
    const find = <T>(part: Part, read: (resource: StateResource) => T | undefined) =>
      this.#find(names, part, read);
    return {
      server: find(parts.instance, serverChoice),
      serverLocation: find(parts.instance, location),
      addressLocation: find(parts.ipv4, location) ?? find(parts.ipv6, location),
      installed: find(parts.installRun, isCommand) ?? false,
      install: find(parts.installRun, installRun),
      deployedSystem: find(parts.deploymentRun, deployedSystem),
      pending: find(parts.deployment, isPending) ?? false,
      volumeSize: (volume) => find(volumeParts(volume).volume, volumeSize),
    };
  }

  #find<T>(names: HostNames, part: Part, read: (resource: StateResource) => T | undefined): T | undefined {
    const { name, aliases } = names.of(part);
    return [name, ...aliases.map((alias) => alias.name)]
      .flatMap((each) => this.#byName.get(each) ?? [])
      .map(read)
      .find((found) => found !== undefined);
  }
}

/**
 * Reads a stack's state, without decrypting anything.
 * @returns a text that says why it cannot be read
 */
export async function readRecordedState(selection: StackSelection): Promise<RecordedState | string> {
  const exported = await exportStack(selection);
  if (!exported.ok) return exported.why;
  try {
    return new RecordedState(exported.text);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return `pulumi stack export printed what cannot be read: ${error.message}`;
    throw error;
  }
}

const readSeconds = 60;

/** What `pulumi stack export` prints, or why it prints nothing. */
type ExportedStack =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** Reads a stack's state through the Pulumi CLI, which takes no lock for it, and without decrypting anything. */
async function exportStack(selection: StackSelection): Promise<ExportedStack> {
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
