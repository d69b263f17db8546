import path from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { unknownValue } from "./pulumi-internals.ts";

/** Arguments of `fleetCommand`. */
export interface FleetCommandArgs<Result extends z.ZodType> {
  /** Command below `fleet internal`. */
  readonly command: "scan-host-key" | "install" | "take-over" | "deploy" | "gate";
  /** Specification for the command; becomes one secret JSON document on its standard input. */
  readonly spec: pulumi.Input<unknown>;
  /** Fixed-length list; only a change of it runs it again. */
  readonly triggers: readonly pulumi.Input<string>[];
  /** Schema of the one JSON line it prints. */
  readonly result: Result;
}

/** Everything but `triggers`: the text of a command, its log level or its specification must never re-run it. */
const ignored = [
  "addPreviousOutputInEnv",
  "create",
  "delete",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
  "update",
];

/** A run of our own command as a resource: replaced when a trigger changes, otherwise left alone. */
export function fleetCommand<Result extends z.ZodType>(
  name: string,
  args: FleetCommandArgs<Result>,
  opts: pulumi.CustomResourceOptions,
): { resource: command.local.Command; result: pulumi.Output<z.output<Result>> } {
  const resource = new command.local.Command(
    name,
    {
      create: `exec node ${commandPath()} internal ${args.command}`,
      // Should an ignored input slip through one day, a silent update would empty stdout and replace what depends on it.
      update: `printf '%s\\n' "$PULUMI_COMMAND_STDOUT"`,
      stdin: pulumi.secret(pulumi.jsonStringify(args.spec)),
      triggers: [...args.triggers],
      logging: command.local.Logging.Stderr,
    },
    { ...opts, ignoreChanges: [...ignored, ...(opts.ignoreChanges ?? [])] },
  );
  // The schema admits no secret, and a "[secret]" in the outputs would be useless.
  const result = pulumi.unsecret(resource.stdout.apply((line) => parseResult(line, args.result)));
  return { resource, result };
}

/** A command that has never run, because others were targeted, has no output: its result is not known. */
function parseResult<Result extends z.ZodType>(line: string | undefined, schema: Result): z.output<Result> {
  return line === undefined ? unknownValue() : schema.parse(JSON.parse(line));
}

/** Relative to the project, so that two operators' checkouts give the same text. */
export function commandPath(): string {
  return path.relative(process.cwd(), path.join(packageRoot(), "cli", "bin.mjs"));
}
