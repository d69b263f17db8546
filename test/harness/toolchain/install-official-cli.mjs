// Puts the official Pulumi CLI of the SDK's version into the folder named by the only argument.
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("usage: install-official-cli.mjs FOLDER");
await PulumiCommand.install({ root: folder });
