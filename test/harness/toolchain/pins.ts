import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** A plugin of the Pulumi engine, as its npm package names and versions it. */
export interface PluginPin {
  /** Plugin name, such as `hcloud`. */
  readonly name: string;
  /** Same as the npm package's: the SDK asks the engine for exactly this one. */
  readonly version: string;
  /** Where `pulumi plugin install` finds it, if not among Pulumi's own. */
  readonly server?: string;
}

const versionsSchema = z.record(z.string(), z.string().regex(/^\d+\.\d+\.\d+$/));

const manifest = z
  .object({ dependencies: versionsSchema, devDependencies: versionsSchema })
  .parse(JSON.parse(readFileSync(fileURLToPath(new URL("../../../package.json", import.meta.url)), "utf8")));

function npmVersion(name: string): string {
  const version = manifest.dependencies[name] ?? manifest.devDependencies[name];
  if (version === undefined) throw new Error(`package.json does not depend on ${name}`);
  return version;
}

/** Version of the CLI and of the engine: the SDK's. */
export const pulumiVersion = npmVersion("@pulumi/pulumi");

/** Plugins bridged from Terraform providers. */
export const bridgedPlugins: readonly PluginPin[] = [
  { name: "hcloud", version: npmVersion("@pulumi/hcloud") },
  { name: "random", version: npmVersion("@pulumi/random") },
  { name: "tls", version: npmVersion("@pulumi/tls") },
  {
    name: "scaleway",
    version: npmVersion("@pulumiverse/scaleway"),
    server: "github://api.github.com/pulumiverse",
  },
];

export const commandPlugin: PluginPin = { name: "command", version: npmVersion("@pulumi/command") };

/** Go modules say so in their go.mod as well. */
export const goMinimum = "1.26.6";
/** The oldest ones this project promises to work with. */
export const nixMinimum = "2.24";
export const sshMinimum = "8.4";
export const gitMinimum = "2.20";
export const jqMinimum = "1.6";
export const ipMinimum = "5.0";
export const psMinimum = "3.3";
export const curlMinimum = "7.68";

/**
 * The Debian release that lends what the machine lacks: the stable one. Its Nix (2.26) is new enough, and neither vanishes
 * from the mirrors nor changes under us as sid's does.
 */
export const debianSuite = "trixie";
