import type { Closure } from "../../model/system-diff/closure-diff.ts";
import type { SystemDescription } from "./system-description.ts";

/** The running system of a host, as far as it was asked for and could be had. */
export interface RunningSystem {
  readonly path: string;
  readonly closure: Closure | undefined;
  readonly description: SystemDescription | undefined;
}
