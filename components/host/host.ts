import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { deploymentSettings, type InventoryHost } from "../../model/inventory/inventory.ts";
import { HostNames } from "../../model/naming/host-names.ts";
import { typeTokens } from "../../model/naming/resource-names.ts";
import type { Publication } from "../../model/protocol/binary-cache.ts";
import type { Connection, Elevation, Endpoint, HostSystem } from "../../model/protocol/connection.ts";
import type { EvaluationMachines, MachineOfHost } from "../evaluation/evaluation-hosts.ts";
import type { FactRegistry } from "../facts/fact-registry.ts";
import type { Identity } from "../identity/identity.ts";
import { HostPreview } from "../preview/host-preview.ts";
import { rescueAccess } from "../server/rescue-access.ts";
import type { Server } from "../server/server.ts";
import type { Secrets } from "../shared/secrets.ts";
import { hostBuild } from "./build-plan.ts";
import type { HostContext, RegisteredHost } from "./context.ts";
import { createServer } from "./create-server.ts";
import { hostSystem } from "./host-system.ts";
import { type JumpPath, resolveJumpPath } from "./jump-path.ts";
import { NixosDeployment } from "./nixos-deployment.ts";
import { NixosInstall } from "./nixos-install.ts";
import { openPorts } from "./open-ports.ts";

/** One host from nothing to the wanted system: identity, server, install, deployment. */
export class Host extends pulumi.ComponentResource {
  readonly names: HostNames;
  readonly identity: Identity;
  readonly server: Server;
  /** Machines that are passed to reach it. */
  readonly jumpPath: JumpPath;
  /** System wanted on the host; unknown in a preview if it depends on facts that do not exist yet. */
  readonly system: pulumi.Output<HostSystem>;
  /** How the installed host is reached. Secret. */
  readonly connection: pulumi.Output<Connection>;
  readonly install: NixosInstall;
  readonly deployment: NixosDeployment;

  constructor(host: InventoryHost, context: HostContext, opts?: pulumi.ComponentResourceOptions) {
    const { name } = host;
    const names = new HostNames(host);
    super(typeTokens.host, name, {}, { ...opts, aliases: names.aliases.map((old) => ({ name: old })) });
    this.names = names;
    this.jumpPath = resolveJumpPath(host.jump, context);
    const machine = createServer(host, context, { names, jumpPath: this.jumpPath, parent: this });
    this.identity = machine.identity;
    this.server = machine.server;
    this.#provideFacts(name, context.facts);
    this.system = hostSystem(host, context, this);
    this.connection = pulumi.output({
      address: this.server.address,
      ...host.login,
      privateKey: context.deployKey.privateKey,
      ...(host.jump.length === 0 ? {} : { jump: this.jumpPath.hops }),
      ...elevationInput(host, context.secrets),
      ...previousInput(host, this.server),
    });
    const build = hostBuild(host, context);
    const shared = {
      stack: context.stack,
      connection: this.connection,
      system: this.system,
      build: build.plan,
      builtAfter: build.after,
      cache: publicationInput(host, context.secrets),
      logDirectory: path.join(context.projectRoot, ".fleet", "logs", pulumi.getStack(), name),
    };
    this.install = this.#install(host, context, shared);
    const survey = this.#survey(host, build, context);
    this.deployment = new NixosDeployment(
      names,
      {
        ...shared,
        install: this.install,
        hostKey: this.identity.hostKey.publicKey,
        goal: host.goal,
        settings: deploymentSettings(host),
        allowUnreachable: host.allowUnreachable,
        acceptDiskLayout: host.acceptDiskLayout,
        driftToken: survey.driftToken(),
        deadlines: context.inventory.deadlines.deploy,
        after: this.#before(host, context),
        deploymentLimit: context.deploymentLimit ?? null,
      },
      { parent: this },
    );
    survey.report(this.deployment, this.deployment.result);
    registerEvaluationHost(this, host, context.machines, { ...shared, plan: build.plan });
    this.registerOutputs({ address: this.server.address, system: this.system.toplevel });
  }

  #rescue(host: InventoryHost, { deployKey, projectRoot }: Pick<HostContext, "deployKey" | "projectRoot">) {
    // What takes a running system over in place must not be disturbed on its way.
    if (host.bootstrap === "infect") return null;
    if (host.provider !== "hetzner" || deployKey.hetznerId === null) return null;
    return rescueAccess({
      serverId: this.server.serverId,
      sshKeyId: deployKey.hetznerId,
      wanted: host.bootstrap === "rescue",
      pinFile: path.join(projectRoot, ".fleet", "rescue", pulumi.getStack(), `${host.name}.json`),
    });
  }

  /** What the deployment waits for: volumes as well, which the install must not see, and open ports. */
  async #before(
    host: InventoryHost,
    context: Pick<HostContext, "inventory" | "stack" | "after">,
  ): Promise<readonly pulumi.CustomResource[]> {
    const completed = this.server.attachRemaining(this.install.ready);
    const { names, server, system } = this;
    // One after the other: a cloud locks a server while something is done with it.
    const opened = openPorts(host, context, { names, server, system, after: completed }, this);
    return [...((await context.after?.(host.name)) ?? []), ...completed, ...opened];
  }

  #provideFacts(name: string, facts: FactRegistry): void {
    const until = `server "${name}" exists`;
    facts.provide(`hosts.${name}.ipv4`, this.server.ipv4, until);
    facts.provide(`hosts.${name}.ipv6`, this.server.ipv6, until);
    for (const [volume, device] of this.server.volumes)
      facts.provide(
        `hosts.${name}.volumes.${volume}.device`,
        device,
        `volume "${volume}" of "${name}" exists`,
      );
    const { hostKey, ageRecipient, wireguardKey } = this.identity;
    const keysUntil = `the keys of "${name}" exist`;
    facts.provide(`hosts.${name}.hostKey`, hostKey.publicKey, keysUntil);
    facts.provide(`hosts.${name}.ageRecipient`, ageRecipient, keysUntil);
    facts.provide(`hosts.${name}.wireguardKey`, wireguardKey, keysUntil);
  }

  #survey(
    host: InventoryHost,
    { plan }: ReturnType<typeof hostBuild>,
    { preview }: Pick<HostContext, "preview">,
  ): HostPreview {
    return new HostPreview(
      {
        host: host.name,
        drift: host.drift,
        allowUnreachable: host.allowUnreachable,
        acceptDiskLayout: host.acceptDiskLayout,
        connection: this.connection,
        hostKey: this.identity.hostKey.publicKey,
        system: this.system,
        build: plan,
        // What is still to be created has no id, although the command that runs on it may have one in a preview.
        installId: pulumi.all([this.server.serverId, this.install.runId]).apply(([, id]) => id),
      },
      preview,
    );
  }

  #install(
    host: InventoryHost,
    context: Pick<HostContext, "inventory" | "secrets" | "projectRoot" | "deployKey" | "recordedHosts">,
    shared: Pick<
      ConstructorParameters<typeof NixosInstall>[1],
      "stack" | "connection" | "system" | "build" | "builtAfter" | "cache" | "logDirectory"
    >,
  ): NixosInstall {
    const { inventory, secrets, projectRoot } = context;
    return new NixosInstall(
      this.names,
      {
        ...shared,
        // A machine that is installed has moved nowhere yet.
        connection: this.connection.apply(({ previous: _, ...connection }) => connection),
        recordedHosts: context.recordedHosts,
        // What others have made is not ours to wipe.
        provider: host.provider === "hetzner" && host.importServer !== null ? "existing" : host.provider,
        server: this.server,
        after: this.jumpPath.ready,
        hostKey: this.identity.hostKey,
        reinstall: host.reinstall,
        wipe: host.wipe,
        acceptDiskLayout: host.acceptDiskLayout,
        kexec: host.kexec === null ? null : absolutePathOrUrl(projectRoot, host.kexec),
        // `none` runs another command.
        bootstrap: host.bootstrap === "infect" ? "infect" : "kexec",
        diskKeys: secrets.valuesOf(host.diskKeys),
        rescue: this.#rescue(host, context),
        deadlines: inventory.deadlines.install,
      },
      { parent: this },
    );
  }
}

/** For the connection, where the host moves. */
function previousInput(
  { previous }: InventoryHost,
  { address }: Server,
): { previous?: pulumi.Input<Endpoint> } {
  if (previous === null) return {};
  return { previous: pulumi.output({ address: previous.address ?? address, port: previous.port }) };
}

/** For the connection, where it is not plain sudo, which is what the commands take by themselves. */
function elevationInput(
  { elevation }: InventoryHost,
  secrets: Secrets,
): { elevation?: pulumi.Input<Elevation> } {
  if (elevation === null || (elevation.tool === "sudo" && elevation.password === null)) return {};
  const { tool, password } = elevation;
  return {
    elevation: pulumi.output({ tool, password: password === null ? null : secrets.value(password) }),
  };
}

function absolutePathOrUrl(projectRoot: string, text: string): string {
  return /^https?:\/\//.test(text) ? text : path.resolve(projectRoot, text);
}

/** How a host's system is signed and pushed, with the key in place of its name. */
function publicationInput(
  { publication: { push, signingKey } }: Pick<InventoryHost, "publication">,
  secrets: Secrets,
): pulumi.Input<Publication> {
  return pulumi.output({ push, signingKey: signingKey === null ? null : secrets.value(signingKey) });
}

/** Where there is no Nix, hosts evaluate: themselves, and for each other. */
function registerEvaluationHost(
  host: RegisteredHost & { readonly jumpPath: JumpPath } & pulumi.Resource,
  { name, build }: InventoryHost,
  machines: EvaluationMachines | null,
  { plan, logDirectory }: Pick<MachineOfHost, "plan" | "logDirectory">,
): void {
  machines?.provide(name, {
    build,
    plan,
    logDirectory,
    connection: host.connection,
    hostKey: host.identity.hostKey.publicKey,
    way: host.jumpPath.open,
    entry: host.install.entry,
    installed: host.install.runId,
    resource: host,
  });
}
