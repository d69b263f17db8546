import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { BuildSource } from "../../model/inventory/inventory.ts";
import type { BuildPlan } from "../../model/protocol/build.ts";
import { type Connection, connectionSecrets } from "../../model/protocol/connection.ts";
import { type InstallerSpec, openInstaller } from "../../runtime/install/evaluation-installer.ts";
import type { Deferred } from "../../runtime/nix/deferred.ts";
import { type EvaluationHosts, NoEvaluationHostError } from "../../runtime/nix/evaluation-hosts.ts";
import { openNixMachine } from "../../runtime/nix/nix-session.ts";
import { openReporter } from "../../runtime/platform/reporter.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { shareSessions } from "../../runtime/ssh/session-pool.ts";
import { outputValue } from "../shared/output-value.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";

/** What is to know of one host's machine in order to evaluate on it. */
export interface MachineOfHost {
  readonly connection: pulumi.Output<Connection>;
  /** Final host key. */
  readonly hostKey: pulumi.Output<string>;
  /** Known once the machines in between let connections pass. */
  readonly way: pulumi.Output<unknown>;
  /** null: nothing is installed on it. */
  readonly entry: pulumi.Output<InstallerSpec> | null;
  /** Known once it is installed. */
  readonly installed: pulumi.Output<unknown>;
  readonly build: BuildSource;
  readonly plan: pulumi.Output<BuildPlan>;
  readonly logDirectory: string;
  readonly resource: pulumi.Resource;
}

type Session = Awaited<ReturnType<typeof openNixMachine>>;
interface EvaluationHost {
  readonly kind: "place";
  readonly name: string;
  open(): Promise<Session>;
}
/** `absent`: the server does not exist; `failed`: it cannot evaluate now. */
type Inspection =
  | EvaluationHost
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly error: StepError };

/** In an update other hosts may be under way: no longer than this is waited for them. */
const othersSeconds = 15;

/** What holds for all machines of a run. */
export interface EvaluationMachinesOptions {
  readonly preview: boolean;
  /** Seconds a machine may take to answer: while there may be others, and as the last one in an update. */
  readonly contactSeconds: { readonly soon: number; readonly late: number };
  readonly recordedHosts: Pick<RecordedHosts, "get">;
}

/** Finds a machine to evaluate on where there is no local Nix: a build host, the host itself, any other host, or the host's installer. */
export class EvaluationMachines implements EvaluationHosts {
  readonly #options: EvaluationMachinesOptions;
  readonly #machines = new Map<
    string,
    { promise: Promise<MachineOfHost>; give: (machine: MachineOfHost) => void }
  >();
  readonly #looks = new Map<string, Promise<Inspection>>();
  readonly #found = new Map<string, Promise<EvaluationHost | Deferred>>();
  readonly #sessions = shareSessions();

  /** @param names all hosts of the stack, each of which has to be provided once */
  constructor(names: readonly string[], options: EvaluationMachinesOptions) {
    this.#options = options;
    for (const name of names) {
      let give: (machine: MachineOfHost) => void = () => {};
      const promise = new Promise<MachineOfHost>((resolve) => {
        give = resolve;
      });
      this.#machines.set(name, { promise, give });
    }
  }

  /** Store path of the system the state knows to be deployed; undefined: none, or unknown. */
  async lastDeployed(host: string): Promise<string | undefined> {
    const recorded = await this.#options.recordedHosts.get(host).catch(() => undefined);
    return recorded?.deployedSystem;
  }

  provide(host: string, machine: MachineOfHost): void {
    this.#entry(host).give(machine);
  }

  async use<T>(
    host: string | null,
    work: (session: Session) => Promise<T>,
  ): Promise<{ readonly kind: "done"; readonly value: T } | Deferred> {
    const place = await (host === null ? this.#anybody() : this.#find(host));
    if (place.kind === "postponed") return place;
    return { kind: "done", value: await this.#sessions.use(place.name, place.open, work) };
  }

  async #anybody(): Promise<EvaluationHost | Deferred> {
    let outcome: Deferred | { readonly kind: "failed"; readonly error: unknown } | undefined;
    for (const host of this.#machines.keys()) {
      const found = await this.#find(host).catch((error: unknown) => ({ kind: "failed" as const, error }));
      if (found.kind === "place") return found;
      outcome = outcome?.kind === "postponed" ? outcome : found;
    }
    if (outcome === undefined) throw new Error("a stack without hosts evaluates nothing");
    if (outcome.kind === "failed") throw outcome.error;
    return outcome;
  }

  #find(host: string): Promise<EvaluationHost | Deferred> {
    const search = this.#found.get(host) ?? this.#search(host);
    this.#found.set(host, search);
    return search;
  }

  #entry(host: string) {
    const entry = this.#machines.get(host);
    if (entry === undefined) throw new Error(`"${host}" is not a host of this stack`);
    return entry;
  }

  async #search(host: string): Promise<EvaluationHost | Deferred> {
    const machine = await this.#entry(host).promise;
    if (machine.build.on === "ssh" || machine.build.on === "host")
      return await this.#onBuildHost(machine, machine.build);
    const own = await this.#look(host);
    if (own.kind === "place") return own;
    const other = await this.#anyOther(host);
    return other ?? (await this.#onItself(host, machine, own));
  }

  async #onBuildHost(
    machine: MachineOfHost,
    build: Extract<BuildSource, { on: "ssh" | "host" }>,
  ): Promise<EvaluationHost | Deferred> {
    if (build.on === "host") {
      const builder = await this.#entry(build.host).promise;
      const ready = await outputValue(builder.installed);
      if (!ready.known) return { kind: "postponed", until: `"${build.host}" is installed` };
    }
    const plan = await outputValue(machine.plan);
    if (!plan.known) return { kind: "postponed", until: "the deploy key exists" };
    if (plan.value.on !== "machine") throw new Error("a build host is a machine");
    const { preview, contactSeconds } = this.#options;
    const look = await this.#contact(plan.value.machine, contactSeconds[preview ? "soon" : "late"]);
    if (look.kind === "place") return look;
    throw noPlace(look.error);
  }

  /** Inspects a host's NixOS, once a run. */
  #look(host: string): Promise<Inspection> {
    const look = this.#looks.get(host) ?? this.#lookOnce(host);
    this.#looks.set(host, look);
    return look;
  }

  async #lookOnce(host: string, seconds = this.#options.contactSeconds.soon): Promise<Inspection> {
    const { connection, hostKey, way } = await this.#entry(host).promise;
    const known = await outputValue(pulumi.all([connection, hostKey, way]));
    if (!known.known) return { kind: "absent" };
    const [theConnection, theKey] = known.value;
    return await this.#contact({ name: host, connection: theConnection, hostKey: theKey }, seconds);
  }

  async #contact(
    machine: { readonly name: string; readonly connection: Connection; readonly hostKey: string },
    timeoutSeconds: number,
  ): Promise<Exclude<Inspection, { kind: "absent" }>> {
    const { name, connection, hostKey } = machine;
    const target = { host: name, connection, hostKeys: [hostKey] };
    const open = () => openNixMachine(target, { timeoutSeconds });
    try {
      await this.#sessions.use(name, open, async () => {});
      return { kind: "place", name, open };
    } catch (error) {
      if (error instanceof StepError) return { kind: "failed", error };
      throw error;
    }
  }

  async #anyOther(host: string): Promise<EvaluationHost | undefined> {
    const others = [...this.#machines.keys()].filter((name) => name !== host);
    const looks = others.map(async (name) => {
      const look = await this.#look(name);
      if (look.kind !== "place") throw new Error(`${name} cannot evaluate`);
      return look;
    });
    const found = Promise.any(looks).catch(() => undefined);
    const cancel = new AbortController();
    const late = sleep(othersSeconds * 1000, undefined, { signal: cancel.signal }).catch(() => undefined);
    const place = await Promise.race([found, late]);
    cancel.abort();
    return place;
  }

  /** Nothing else can evaluate: it has to be the host itself, in its installer if it is yet to be installed. */
  async #onItself(
    host: string,
    machine: MachineOfHost,
    own: Exclude<Inspection, EvaluationHost>,
  ): Promise<EvaluationHost | Deferred> {
    const postponed: Deferred = {
      kind: "postponed",
      until: `server "${host}" exists and runs the installer`,
    };
    if (own.kind === "absent") return postponed;
    const entry = machine.entry === null ? null : await outputValue(machine.entry);
    if (entry?.known === false) return postponed;
    const { preview, contactSeconds } = this.#options;
    if (entry === null || (await this.#staysAsItIs(host, entry.value))) {
      const last = preview ? own : await this.#lookOnce(host, contactSeconds.late);
      if (last.kind === "failed") throw noPlace(last.error);
      return last.kind === "place" ? last : postponed;
    }
    return preview ? postponed : inInstaller(host, machine, entry.value);
  }

  /** An install that this run will not repeat, or one without an installer: the machine must not be booted into anything. */
  async #staysAsItIs(
    host: string,
    { bootstrap, serverId, reinstall }: Pick<InstallerSpec, "bootstrap" | "serverId" | "reinstall">,
  ): Promise<boolean> {
    if (bootstrap === "infect") return true;
    const { install } = await this.#options.recordedHosts.get(host);
    return install?.serverId === serverId && install.reinstall === reinstall;
  }
}

function inInstaller(
  host: string,
  { resource, logDirectory }: MachineOfHost,
  entry: InstallerSpec,
): EvaluationHost {
  const write = (line: string) => void pulumi.log.info(line, resource);
  const tokens = entry.rescue === null ? [] : [entry.rescue.token];
  const secrets = [...connectionSecrets(entry.connection), entry.hostKey.privateKey, ...tokens];
  const open = () => {
    const reporter = openReporter({ host, logDirectory, secrets, write });
    return openInstaller(entry, { reporter, signal: new AbortController().signal });
  };
  return { kind: "place", name: `${host} in its installer`, open };
}

function noPlace({ failure }: StepError): NoEvaluationHostError {
  return new NoEvaluationHostError({
    ...failure,
    step: "evaluation without a local Nix",
    seen: `no machine can evaluate: ${failure.seen}`,
    next: "Make this host or another one of the stack reachable, set build.on to a build host, or install Nix on this machine.",
  });
}
