// The least Pulumi program that runs one command for each host, with the inputs and options that ours gives its own.
import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const settings = JSON.parse(readFileSync("commands.json", "utf8"));
const ignoreChanges = ["create", "update", "stdin", "logging"];

const printed = settings.map(({ name, create, stdin, trigger }) => {
  const inputs = {
    create,
    update: `printf '%s\\n' "$PULUMI_COMMAND_STDOUT"`,
    stdin: pulumi.secret(stdin),
    triggers: [trigger],
    logging: command.local.Logging.Stderr,
  };
  const { stdout } = new command.local.Command(name, inputs, { ignoreChanges });
  return [name, pulumi.unsecret(stdout)];
});

export const results = Object.fromEntries(printed);
