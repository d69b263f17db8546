import { mkdtempSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type EngineEvent,
  LocalWorkspace,
  type PulumiFn,
  type Stack,
  type UpResult,
} from "@pulumi/pulumi/automation/index.js";
import { loadToolchain } from "../../harness/toolchain/toolchain.ts";

/** A stack of the real engine with a file backend of its own. */
export interface Engine {
  /** Folder for whatever commands leave behind. */
  readonly folder: string;
  readonly stack: Stack;
  /** Runs `up` with another program. */
  up(program: PulumiFn, options?: { signal?: AbortSignal }): Promise<EngineRun>;
  preview(program: PulumiFn): Promise<readonly string[]>;
  destroy(): Promise<void>;
  /** Resources in the state, as the backend holds them. */
  resources(): Promise<readonly StateResource[]>;
  close(): Promise<void>;
}

interface EngineRun {
  readonly outputs: UpResult["outputs"];
  /** `<operation> <resource name>` of every step that was done, in order, such as `create web`. */
  readonly steps: readonly string[];
  /** Lines a command printed, shown while it ran. */
  readonly shown: readonly string[];
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

export async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(path.join(tmpdir(), "engine-test-"));
  const state = path.join(folder, "state");
  await mkdir(state);
  // The Automation API looks for the CLI on its own process's PATH.
  Object.assign(process.env, (await loadToolchain()).env);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "test", projectName: "engine-test", program: async () => undefined },
    {
      workDir: folder,
      envVars: {
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: "not secret here",
        FROM_ENGINE: "inherited",
      },
      projectSettings: { name: "engine-test", runtime: "nodejs", main: folder },
    },
  );
  return {
    folder,
    stack,
    async up(program, options = {}) {
      const events: EngineEvent[] = [];
      const result = await stack.up({
        program,
        onEvent: (event) => events.push(event),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      return { outputs: result.outputs, steps: events.flatMap(stepOf), shown: events.flatMap(shownBy) };
    },
    async preview(program) {
      const events: EngineEvent[] = [];
      await stack.preview({ program, onEvent: (event) => events.push(event) });
      return events.flatMap(plannedStepOf);
    },
    async destroy() {
      await stack.destroy();
    },
    async resources() {
      const { deployment } = await stack.exportStack();
      return (deployment?.resources ?? []) as StateResource[];
    },
    async close() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const quiet = new Set(["same", "read"]);

function stepOf(event: EngineEvent): string[] {
  const metadata = event.resOutputsEvent?.metadata;
  return metadata === undefined || quiet.has(metadata.op) ? [] : [`${metadata.op} ${nameOf(metadata.urn)}`];
}

function plannedStepOf(event: EngineEvent): string[] {
  const metadata = event.resourcePreEvent?.metadata;
  return metadata === undefined || quiet.has(metadata.op) ? [] : [`${metadata.op} ${nameOf(metadata.urn)}`];
}

function shownBy(event: EngineEvent): string[] {
  const diagnostic = event.diagnosticEvent;
  return diagnostic?.ephemeral === true ? [diagnostic.message.replace(/<\{%[^%]*%\}>/g, "").trim()] : [];
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
