import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import which from "which";
import type { BuildLocation } from "../../build/build-location.ts";
import { packageRoot } from "../../platform/package-root.ts";
import { type RunResult, run, withoutPulumiSecrets } from "../../platform/run-command.ts";
import { StepError } from "../../platform/step-error.ts";
import { sshEnvironment } from "../../ssh/environment.ts";
import { createPrivateFolder, type PrivateFolder } from "../../ssh/private-folder.ts";
import type { SshSession } from "../../ssh/session.ts";
import { imagePort } from "../machine/login-endpoints.ts";
import type { InstallContext } from "../machine/phase.ts";

/** Phases of nixos-anywhere that we use; the reboot is ours, because its own can miss a quick machine and waits for ever. @internal */
export type ToolPhase = "kexec" | "disko" | "install";

/** What it is to run. */
export interface ToolRun {
  /** Path of the script. */
  readonly program: string;
  /** Store path of the disk script; it exists here if this is the place where the system is built. */
  readonly diskScript: string;
  /** kexec tarball, path or URL; null: its own. */
  readonly tarball: string | null;
  /** Where the system is built. */
  readonly place: BuildLocation;
}

/** nixos-anywhere, ready to run phase by phase. */
export interface NixosAnywhere extends AsyncDisposable {
  /**
   * Runs one phase over the session's shared connection; from the first command of the kexec itself on, over a new one for each
   * command.
   */
  phase(name: ToolPhase, session: SshSession, timeoutSeconds: number): Promise<RunResult>;
  /** Removes its private folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Prepares nixos-anywhere so that it can reach nothing but the pinned machine: `ssh` is our shim, which alone knows the private
 * key. The key it is given itself is good for nothing, so a copy that finds another `ssh` cannot log in anywhere.
 */
export async function prepareNixosAnywhere(context: InstallContext, what: ToolRun): Promise<NixosAnywhere> {
  const folder = await createPrivateFolder();
  try {
    const environment = await toolEnvironment(folder);
    const decoy = path.join(folder.path, "decoy");
    const made = await run(
      "ssh-keygen",
      ["-q", "-t", "ed25519", "-N", "", "-C", "fleet-decoy", "-f", decoy],
      { timeoutSeconds: 20, signal: context.signal },
    );
    if (!made.ok) throw toolError(context, `ssh-keygen failed: ${made.stderr}`, "install the OpenSSH client");
    return {
      phase: async (name, session, timeoutSeconds) =>
        await runTool(context, {
          program: what.program,
          args: phaseArguments(context.spec, what, name, session, decoy),
          env: {
            ...environment,
            ...(name === "kexec"
              ? await sharedUntilKexec(session, folder)
              : { FLEET_SHIM_SSH_OPTIONS: session.options.join(" ") }),
          },
          timeoutSeconds,
        }),
      [Symbol.asyncDispose]: () => folder.remove(),
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }

  async function toolEnvironment(into: PrivateFolder): Promise<Record<string, string>> {
    const ssh = await which("ssh", { nothrow: true });
    if (ssh === null)
      throw toolError(context, "this machine has no ssh program", "install the OpenSSH client");
    const bin = path.join(into.path, "bin");
    await mkdir(bin);
    await symlink(
      path.join(packageRoot(), "runtime", "install", "nixos-anywhere", "shim", "ssh.sh"),
      path.join(bin, "ssh"),
    );
    const user = withoutPulumiSecrets();
    const home = user["HOME"] ?? "/";
    return {
      // Nix keeps the user's own configuration although HOME is another one for ssh's sake.
      NIX_USER_CONF_FILES: path.join(
        user["XDG_CONFIG_HOME"] ?? path.join(home, ".config"),
        "nix",
        "nix.conf",
      ),
      ...sshEnvironment(user),
      HOME: into.path,
      TMPDIR: into.path,
      PATH: `${bin}${path.delimiter}${user["PATH"] ?? ""}`,
      FLEET_SHIM_SSH: ssh,
    };
  }
}

function phaseArguments(
  { host, system }: InstallContext["spec"],
  { diskScript, tarball, place }: ToolRun,
  phase: ToolPhase,
  { destination, target }: SshSession,
  key: string,
): string[] {
  return [
    ...["--phases", phase],
    ...["--target-host", destination],
    ...(phase === "kexec" ? ["--ssh-port", String(target.connection.port)] : []),
    ...(phase === "kexec" ? ["--post-kexec-ssh-port", String(imagePort)] : []),
    ...["-i", key],
    ...(place.kind === "local"
      ? ["--build-on", "local", "--store-paths", diskScript, system.toplevel]
      : withoutNix(phase, host)),
    ...(tarball === null ? [] : ["--kexec", tarball]),
  ];
}

/** A way for nixos-anywhere's kexec phase to start no Nix: for a flake that is built on the target it would be later phases that read it. */
function withoutNix(phase: ToolPhase, host: string): string[] {
  if (phase !== "kexec")
    throw new Error(`nixos-anywhere's phase ${phase} needs a system that was built on this machine`);
  return ["--build-on", "remote", "--no-use-machine-substituters", "--flake", `built-elsewhere#${host}`];
}

/** Where ssh finds no socket it opens a connection: the link to the session's is there until the kexec begins. */
async function sharedUntilKexec(session: SshSession, folder: PrivateFolder): Promise<Record<string, string>> {
  const link = path.join(folder.path, "shared");
  await rm(link, { force: true });
  await symlink(session.controlSocket, link);
  return {
    FLEET_SHIM_SSH_UNTIL_KEXEC: link,
    FLEET_SHIM_SSH_OPTIONS: ["-o", `ControlPath=${link}`, ...withoutPort(session.fresh)].join(" "),
  };
}

/** The port changes in the middle of this phase: nixos-anywhere names it with each call. */
function withoutPort(options: readonly string[]): string[] {
  return options.filter(
    (option, index) => !option.startsWith("Port=") && !options[index + 1]?.startsWith("Port="),
  );
}

async function runTool(
  context: InstallContext,
  tool: { program: string; args: readonly string[]; env: Record<string, string>; timeoutSeconds: number },
): Promise<RunResult> {
  const leash = path.join(
    packageRoot(),
    "runtime",
    "install",
    "nixos-anywhere",
    "shim",
    "kill-with-parent.sh",
  );
  return await run("sh", [leash, String(process.pid), "bash", tool.program, ...tool.args], {
    env: tool.env,
    timeoutSeconds: tool.timeoutSeconds,
    signal: context.signal,
    reporter: context.reporter,
  });
}

function toolError(context: InstallContext, seen: string, next: string): StepError {
  return new StepError({ host: context.spec.host, step: "preparation of nixos-anywhere", seen, next });
}
