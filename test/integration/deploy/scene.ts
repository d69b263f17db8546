import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import {
  type DeploymentSettings,
  type DeployResult,
  type DeploySpec,
  deploySpecSchema,
} from "../../../model/protocol/deploy.ts";
import { deploy } from "../../../runtime/deploy/deploy.ts";
import { historyEntrySchema } from "../../../runtime/host/deployment-records.ts";
import { type RebootResult, rebootHosts } from "../../../runtime/operations/reboot.ts";
import { createReporter, type Reporter } from "../../../runtime/platform/reporter.ts";
import { StepError } from "../../../runtime/platform/step-error.ts";
import type { ConfiguredTarget } from "../../../runtime/pulumi/outputs.ts";
import { createMachineFactory } from "../../harness/machines/factory.ts";
import { MachineFaults } from "../../harness/machines/faults.ts";
import { plainDeployment, plainSettings } from "../../plain-deployment.ts";
import { generateKeyPair } from "../ssh/local-sshd.ts";
import { createInstalledMachine, host, type InstalledMachine, stack } from "./installed-machine.ts";
import { buildToplevel, evaluateSystem } from "./systems.ts";

/** What a machine really is, read past SSH and past the engine. */
export interface Observation {
  readonly current: string;
  readonly profile: string;
  readonly bootEntry: string;
  readonly generations: readonly string[];
  readonly identity: string;
  readonly confirmed: string | undefined;
  /** Actions of `switch-to-configuration` so far, such as `test`. */
  readonly activations: readonly string[];
  readonly history: readonly z.infer<typeof historyEntrySchema>[];
}

/** One installed machine and everything to deploy to it. */
export interface Scene {
  readonly web: InstalledMachine;
  readonly faults: MachineFaults;
  readonly logDirectory: string;
  /** Specification of a deployment of `web` with a page and further settings. */
  spec(page: string, changes?: Partial<DeploySpec>, settings?: object): Promise<DeploySpec>;
  /** How it is reached, and configured: with nothing special, unless something is said. */
  target(settings?: Partial<DeploymentSettings>): ConfiguredTarget;
  /** `fleet reboot` of it, cancelled once it has said `until`. */
  rebootByHand(
    target: ConfiguredTarget,
    until?: string,
  ): Promise<{ result: RebootResult | undefined; lines: string[] }>;
  /** A reporter, and the lines it was told. */
  reporter(): { reporter: Reporter; lines: string[] };
  deploy(spec: DeploySpec): Promise<DeployResult>;
  /** The error of a deployment that has to fail. */
  refusal(spec: DeploySpec): Promise<StepError>;
  observe(): Promise<Observation>;
  /** State of the newest attempt, such as `confirm`; empty when there is none. */
  state(): Promise<string>;
  bootId(): Promise<string>;
  page(): Promise<string>;
  /** SSH handshakes that led to a login. */
  logins(): Promise<number>;
  /** Commands that came by SSH. */
  commands(): Promise<string[]>;
  close(): Promise<void>;
}

const observation = `
for link in /run/current-system /nix/var/nix/profiles/system; do readlink -f "$link"; done
cat /boot/loader/default
ls -d /nix/var/nix/profiles/system-*-link | tr '\\n' ' '; echo
cat /etc/fleet/identity.json
cat /var/lib/fleet/confirmed.json 2>/dev/null || echo
cut -d ' ' -f 2 /var/log/activations 2>/dev/null | tr '\\n' ' '; echo
cat /var/lib/fleet/history.jsonl 2>/dev/null || true`;

const newestState = "ls -t /run/fleet/attempts/*/state 2>/dev/null | head -n 1 | xargs -r cat";

const deadlines = { contact: 30, lock: 30, build: 60, copy: 60, activate: 20, confirm: 20, reboot: 60 };
const health = { ...plainDeployment.health, settle: 0.5, deadline: 5 };

/** Makes the machine with page "one" installed. */
export async function createScene(id: string, address: string): Promise<Scene> {
  const deployKey = generateKeyPair();
  const logDirectory = await mkdtemp(path.join(tmpdir(), "deploy-logs-"));
  const factory = await createMachineFactory();
  const withKeys = (settings: object) => ({
    users: {
      users: {
        root: { openssh: { authorizedKeys: { keys: [deployKey.publicKey] } } },
        operator: { openssh: { authorizedKeys: { keys: [deployKey.publicKey] } } },
      },
    },
    ...settings,
  });
  const toplevel = await buildToplevel(await evaluateSystem("one", withKeys({})));
  const web = await createInstalledMachine(factory, { id, address, toplevel, deployKey });
  const { machine } = web;
  const reporter = () => {
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    const redact = (text: string) => text;
    return { lines, reporter: createReporter({ host, what: "deploy", logDirectory, redact, write }) };
  };
  const read = async (command: string) => (await machine.console(["bash", "-c", command])).trim();
  return {
    web,
    faults: new MachineFaults(machine),
    logDirectory,
    reporter,
    target: (changes = {}) => ({
      ...{ host, connection: web.connection, hostKeys: [web.hostKey], deadlines },
      settings: { ...plainSettings, health, ...changes },
    }),
    rebootByHand: async (target, until) => {
      const { reporter: told, lines } = reporter();
      const stop = new AbortController();
      const heard: Reporter = {
        ...told,
        progress(line) {
          told.progress(line);
          if (line === until) stop.abort();
        },
      };
      const [result] = await rebootHosts([target], {
        ...{ parallel: 1, bootSeconds: undefined, keepGoing: false },
        ...{ logDirectoryOf: () => logDirectory, reporterOf: () => heard, signal: stop.signal },
      });
      return { result, lines };
    },
    spec: async (page, changes = {}, settings = {}) =>
      deploySpecSchema.parse({
        version: 1,
        stack,
        host,
        ...plainDeployment,
        connection: web.connection,
        hostKey: web.hostKey,
        system: await evaluateSystem(page, withKeys(settings)),
        deadlines,
        health,
        logDirectory,
        ...changes,
      }),
    deploy: (spec) => deploy(spec, { reporter: reporter().reporter }),
    refusal: (spec) => refusalOf(deploy(spec, { reporter: reporter().reporter })),
    observe: async () => readObservation(await machine.console(["bash", "-c", observation])),
    state: () => read(newestState),
    bootId: () => read("cat /proc/sys/kernel/random/boot_id"),
    page: async () => (await fetch(`http://${address}/`)).text(),
    logins: async () =>
      (await readFile(machine.paths.consoleLog, "utf8")).split("Accepted publickey").length - 1,
    commands: async () =>
      (await readFile(machine.paths.sshLog, "utf8")).split("\n").filter((line) => line !== ""),
    close: async () => {
      await factory.close();
      await rm(logDirectory, { recursive: true });
    },
  };
}

async function refusalOf(deployment: Promise<unknown>): Promise<StepError> {
  try {
    await deployment;
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
  throw new Error("the deployment did not fail");
}

function readObservation(text: string): Observation {
  const lines = text.split("\n");
  const [current = "", profile = "", bootEntry = "", generations = "", identity = "", confirmed = ""] = lines;
  const words = (line: string) =>
    line
      .trim()
      .split(" ")
      .filter((word) => word !== "");
  return {
    current,
    profile,
    bootEntry,
    generations: words(generations).map((link) => path.basename(link)),
    identity,
    confirmed:
      confirmed === "" ? undefined : z.object({ system: z.string() }).parse(JSON.parse(confirmed)).system,
    activations: words(lines[6] ?? ""),
    history: lines
      .slice(7)
      .filter((line) => line !== "")
      .map((line) => historyEntrySchema.parse(JSON.parse(line))),
  };
}
