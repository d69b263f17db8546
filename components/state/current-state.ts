import * as pulumi from "@pulumi/pulumi";
import { type RecordedState, readRecordedState } from "../../runtime/pulumi/recorded-state.ts";

/** The state, as it was before this run, of the stack that the program runs for; a text says why it cannot be read. */
export type StateReader = () => Promise<RecordedState | string>;

/** Reads the state once, when it is first needed: of many hosts it is long, and each reading starts a Pulumi. */
export function readCurrentState(projectRoot: string): StateReader {
  let reading: Promise<RecordedState | string> | undefined;
  return () => {
    reading ??= readRecordedState({ projectRoot, stack: currentStack() });
    return reading;
  };
}

/** The stack this program runs for, as the Pulumi CLI is asked for it. */
function currentStack(): string {
  const organization = pulumi.getOrganization();
  // Backends without organizations call theirs so, and take a name alone.
  const name = pulumi.getStack();
  return organization === "organization" ? name : `${organization}/${pulumi.getProject()}/${name}`;
}
