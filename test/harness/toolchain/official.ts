import path from "node:path";
import { fileURLToPath } from "node:url";
import { withoutPulumiSecrets } from "../../../runtime/platform/run-command.ts";
import type { Made, SetUpContext, Way } from "./component.ts";
import { type PluginPin, pulumiVersion } from "./pins.ts";
import { runTied } from "./tied-run.ts";

const vendor = "https://get.pulumi.com/";
/** Whoever can reach the vendor does so quickly; whoever cannot must not wait. */
const connectTimeoutMs = 3000;
const downloadTimeoutSeconds = 300;
const installer = fileURLToPath(new URL("install-official-cli.mjs", import.meta.url));

/** Asks once whether Pulumi's downloads can be reached. */
export function askVendorOnce(): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  return () => {
    answer ??= fetch(vendor, { method: "HEAD", signal: AbortSignal.timeout(connectTimeoutMs) })
      .then((response) => response.status < 500)
      .catch(() => false);
    return answer;
  };
}

async function vendorObstacle(context: SetUpContext): Promise<string | undefined> {
  return (await context.vendorReachable()) ? undefined : `${vendor} cannot be reached`;
}

/** The official CLI, put into our own folder by the Automation API's installer. */
export const officialCli: Way = {
  origin: "official",
  what: `download the official Pulumi CLI ${pulumiVersion}`,
  folderName: async () => `pulumi-${pulumiVersion}-official`,
  obstacle: vendorObstacle,
  async make(folder, context) {
    // A process of its own can be ended at a deadline, with the shell and the download it starts.
    await mustRun(process.execPath, [installer, folder], folder, context);
    return { version: pulumiVersion, executable: "bin/pulumi" };
  },
};

/** The official plugin, fetched by the CLI into a home of its own. */
export function officialPlugin(pin: PluginPin): Way {
  return {
    origin: "official",
    what: `download the official ${pin.name} plugin ${pin.version}`,
    folderName: async () => `plugin-${pin.name}-${pin.version}-official`,
    obstacle: async (context) =>
      context.ready.has("pulumi") ? await vendorObstacle(context) : "there is no Pulumi CLI to do it",
    async make(folder, context): Promise<Made> {
      const cli = context.ready.get("pulumi")?.path;
      if (cli === undefined) throw new Error("there is no Pulumi CLI to do it");
      const server = pin.server === undefined ? [] : ["--server", pin.server];
      const args = ["plugin", "install", "resource", pin.name, pin.version, ...server, "--non-interactive"];
      await mustRun(cli, args, folder, context);
      return {
        version: pin.version,
        executable: path.join("plugins", pluginFolderName(pin), `pulumi-resource-${pin.name}`),
      };
    },
  };
}

/** Name the engine gives a plugin's folder in its cache: `resource-hcloud-v1.32.1`. */
export function pluginFolderName(plugin: { name: string; version: string }): string {
  return `resource-${plugin.name}-v${plugin.version}`;
}

async function mustRun(
  command: string,
  args: readonly string[],
  home: string,
  context: SetUpContext,
): Promise<void> {
  const result = await runTied(command, args, {
    env: {
      ...withoutPulumiSecrets({ ...context.environment }),
      // The user's own installation and login stay as they are.
      HOME: home,
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
    cwd: home,
    timeoutSeconds: downloadTimeoutSeconds,
    signal: context.signal,
  });
  if (result.ok) return;
  throw new Error(result.timedOut ? `gave up after ${downloadTimeoutSeconds} s` : result.stderr.trim());
}
