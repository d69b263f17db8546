import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Evaluator } from "../../runtime/nix/evaluation/evaluator.ts";
import { createLocalEvaluator } from "../evaluation/create-evaluator.ts";
import { readCurrentState, type StateReader } from "../state/current-state.ts";

/** What one run of the program has before it reads its configuration. */
export interface ProgramRun {
  /** `project/stack` */
  readonly stack: string;
  /** Folder of Pulumi.yaml: relative flake references start here. */
  readonly projectRoot: string;
  /** Folder of what may be lost, absolute. */
  readonly cacheRoot: string;
  /** The stack as the last update left it. */
  readonly state: StateReader;
  /** Opens each flake once a run; undefined: there is no local Nix, and machines of the stack evaluate. */
  readonly localEvaluator: Evaluator | undefined;
}

export async function startRun(): Promise<ProgramRun> {
  const projectRoot = process.cwd();
  const cacheRoot = path.join(projectRoot, ".fleet", "cache");
  return {
    stack: `${pulumi.getProject()}/${pulumi.getStack()}`,
    projectRoot,
    cacheRoot,
    state: readCurrentState(projectRoot),
    localEvaluator: await createLocalEvaluator({ projectRoot, cacheRoot }),
  };
}
