import * as pulumi from "@pulumi/pulumi";
import type { HostNames } from "../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../model/naming/resource-names.ts";
import type { HostSystem } from "../../model/protocol/connection.ts";
import { type InstallResult, type InstallSpec, installResultSchema } from "../../model/protocol/install.ts";
import { installTriggers } from "../../model/protocol/triggers.ts";
import type { InstallerSpec } from "../../runtime/install/evaluation-installer.ts";
import type { RecordedInstall } from "../../runtime/pulumi/recorded-resources.ts";
import type { HostKey } from "../identity/identity.ts";
import type { Server } from "../server/server.ts";
import { fleetCommand } from "../shared/fleet-command.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";
import { recordedInstall, warnReinstall } from "./warn-reinstall.ts";

/** Arguments of `NixosInstall`. */
export interface NixosInstallArgs {
  /** `project/stack`: who owns the host. */
  readonly stack: string;
  readonly provider: InstallSpec["provider"];
  readonly server: Server;
  /** What has to be there before the server can be reached. */
  readonly after: readonly pulumi.Resource[];
  readonly connection: pulumi.Input<InstallSpec["connection"]>;
  /** Without a private half, the NixOS that runs on the machine is taken over as it is. */
  readonly hostKey: HostKey;
  /** A changed token reinstalls: all data of the host is lost. */
  readonly reinstall: string | null;
  /** Allows an install over foreign data. */
  readonly wipe: boolean;
  /** The disks were changed by hand to what the configuration says. */
  readonly acceptDiskLayout: boolean;
  readonly system: pulumi.Input<HostSystem>;
  readonly build: pulumi.Input<InstallSpec["build"]>;
  readonly cache: pulumi.Input<InstallSpec["cache"]>;
  /** What has to be there before this host can be built. */
  readonly builtAfter: readonly pulumi.Resource[];
  /** What the state knows of installs: for a warning, and for what a machine may show. */
  readonly recordedHosts: Pick<RecordedHosts, "find">;
  /** How NixOS gets on the machine, where it does not run already. */
  readonly bootstrap: InstallSpec["bootstrap"];
  /** kexec tarball, absolute path or URL; null: nixos-anywhere's own. */
  readonly kexec: string | null;
  /** Keys of encrypted disks: path in the installer → value. Secret. */
  readonly diskKeys: pulumi.Input<InstallSpec["diskKeys"]>;
  /** The cloud's rescue system and reset button; null: there is none. */
  readonly rescue: pulumi.Input<InstallSpec["rescue"]>;
  readonly deadlines: InstallSpec["deadlines"];
  /** Absolute path. */
  readonly logDirectory: string;
}

/**
 * NixOS installed on a server, once: by nixos-anywhere and disko, or found there and taken over. Runs again for a new server or
 * `reinstall` token only.
 */
export class NixosInstall extends pulumi.ComponentResource {
  /** Id of the run: another one means the disks were written again (or taken over as they are). */
  readonly runId: pulumi.Output<string>;
  readonly result: pulumi.Output<InstallResult>;
  /** What there is to know before the system is known; null where nothing is installed. Secret. */
  readonly entry: pulumi.Output<InstallerSpec> | null;
  readonly ready: readonly pulumi.Resource[];

  constructor(names: HostNames, args: NixosInstallArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.install);
    super(typeTokens.nixosInstall, name, {}, { ...opts, aliases });
    const candidate = { host: names.host, reinstall: args.reinstall, recordedHosts: args.recordedHosts };
    const { command, spec, entry } = runOf(names, args, {
      record: recordedInstall(candidate),
      warned: warnReinstall(candidate, args.system, this),
    });
    this.entry = entry;
    const runNames = names.of(parts.installRun);
    const run = fleetCommand(
      runNames.name,
      {
        command,
        spec,
        triggers: installTriggers<pulumi.Input<string>>(args.server.serverId, args.reinstall),
        result: installResultSchema,
      },
      {
        parent: this,
        dependsOn: [...args.server.ready, ...args.after, ...args.builtAfter],
        aliases: runNames.aliases,
      },
    );
    this.runId = run.resource.id;
    this.result = run.result;
    this.ready = [run.resource];
    this.registerOutputs({ installId: this.result.installId, outcome: this.result.outcome });
  }
}

/** What runs on the machine that has to get NixOS: an install, or none of it. */
function runOf(
  { host, aliases }: HostNames,
  args: NixosInstallArgs,
  { record, warned }: { record: Promise<RecordedInstall | undefined>; warned: Promise<void> },
): {
  command: "install" | "take-over";
  spec: pulumi.Output<unknown>;
  entry: pulumi.Output<InstallerSpec> | null;
} {
  const { publicKey, privateKey } = args.hostKey;
  const shared = {
    version: 1 as const,
    stack: args.stack,
    host,
    aliases: [...aliases],
    connection: args.connection,
    deadlines: args.deadlines,
    logDirectory: args.logDirectory,
  };
  if (privateKey === null)
    return { command: "take-over", spec: pulumi.output({ ...shared, hostKey: publicKey }), entry: null };
  const entry = pulumi.output({
    ...shared,
    provider: args.provider,
    serverId: args.server.serverId,
    volumes: pulumi.all([...args.server.volumes.values()]),
    bootstrapHostKey: acceptedFirstKey(args, record),
    hostKey: { publicKey, privateKey },
    reinstall: args.reinstall,
    wipe: args.wipe,
    acceptDiskLayout: args.acceptDiskLayout,
    kexecTarball: args.kexec,
    bootstrap: args.bootstrap,
    rescue: args.rescue,
  });
  const { system, build, cache, diskKeys } = args;
  const spec = pulumi.all([entry, system, build, cache, diskKeys, warned]).apply(([known, ...rest]) => {
    const [theSystem, theBuild, theCache, theKeys] = rest;
    return { ...known, system: theSystem, build: theBuild, cache: theCache, diskKeys: theKeys };
  });
  return { command: "install", spec, entry };
}

/**
 * The host key that a machine without our system may show. A server that was installed has the final one, which only we and its
 * root know; the bootstrap key can be read on it by every user, and counts again only where the configuration allows to wipe.
 */
function acceptedFirstKey(
  { server, wipe }: NixosInstallArgs,
  record: Promise<RecordedInstall | undefined>,
): pulumi.Output<string | null> {
  return pulumi
    .all([server.serverId, server.bootstrapHostKey, record])
    .apply(([serverId, key, installed]) => (installed?.serverId === serverId && !wipe ? null : key));
}
