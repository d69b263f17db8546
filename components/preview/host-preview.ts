import * as pulumi from "@pulumi/pulumi";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { formatHosts } from "../../model/naming/format-hosts.ts";
import type { BuildPlan } from "../../model/protocol/build.ts";
import type { Connection, HostSystem } from "../../model/protocol/connection.ts";
import type { DeployResult } from "../../model/protocol/deploy.ts";
import type { DriftMode, PreviewMode } from "../../model/protocol/preview-modes.ts";
import { describeComparison } from "../../model/system-diff/format.ts";
import { compareDiskLayout, recordedLayout } from "../../runtime/host/disk-layout-diff.ts";
import { findDrift } from "../../runtime/host/drift.ts";
import type { StackCacheKey } from "../../runtime/platform/stack-cache.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { localSystems } from "../../runtime/preview/closure-source.ts";
import { createSurvey, type HostInspector, type Inspection } from "../../runtime/preview/inspect-hosts.ts";
import { lastDeployed } from "../../runtime/preview/last-deployed-cache.ts";
import type { RunningSystem } from "../../runtime/preview/system-description.ts";
import { isRejected, outputValueOrUnknown, valueOrUndefined } from "../shared/output-value.ts";
import type { RecordedHosts } from "../state/recorded-hosts.ts";
import { GroupedMessages } from "./grouped-messages.ts";

/** What the surveys of a run share. */
export interface PreviewContext {
  readonly survey: HostInspector;
  readonly preview: PreviewMode;
  readonly buildSeconds: number;
  /** Such as `.fleet/cache`, absolute. */
  readonly cacheRoot: string;
  readonly recordedHosts: Pick<RecordedHosts, "isPending">;
  /** Reported when all hosts have been checked. */
  readonly notices: GroupedMessages;
  /** Everything that has to end before the program may, each with the name of its host if nothing must be deployed to it. */
  readonly pending: Promise<string | undefined>[];
}

/**
 * Waits for everything that is reported about hosts: what the program logs after its end is lost.
 * @throws pulumi.RunError in a preview of a host that nothing must be deployed to
 */
export async function finishPreview({ pending, notices }: PreviewContext): Promise<void> {
  const refused = (await Promise.all(pending)).filter((host) => host !== undefined);
  await notices.tell();
  if (refused.length > 0)
    throw new pulumi.RunError(
      `refused: ${formatHosts(refused)}; the error of each says why. Nothing was changed`,
    );
}

/** Surveys of one run of the program. `cacheRoot`: such as `.fleet/cache`, absolute. */
export function createPreview(
  { deadlines, preview }: Inventory,
  cacheRoot: string,
  recordedHosts: PreviewContext["recordedHosts"],
): PreviewContext {
  const survey = createSurvey(deadlines.preview);
  const buildSeconds = deadlines.deploy.build;
  const notices = new GroupedMessages();
  return { survey, preview, buildSeconds, cacheRoot, recordedHosts, notices, pending: [] };
}

/** What of a host a survey needs. */
export interface HostSurveyArgs {
  readonly host: string;
  /** It is only sometimes on. */
  readonly allowUnreachable: boolean;
  readonly drift: DriftMode;
  readonly acceptDiskLayout: boolean;
  readonly connection: pulumi.Output<Connection>;
  readonly hostKey: pulumi.Output<string>;
  readonly system: pulumi.Output<HostSystem>;
  readonly build: pulumi.Output<BuildPlan>;
  /** Id of the install: unknown in a preview that would install, and then there is nothing to check. */
  readonly installId: pulumi.Output<string>;
}

/**
 * Inspects one host, before its deployment is registered (`redeployToken`) and after (`report`). It orders nothing: whatever comes of
 * it, the resources of this host and of the others are as they would be without.
 */
export class HostPreview {
  readonly #args: HostSurveyArgs;
  readonly #context: PreviewContext;
  #look: Promise<Inspection | undefined> | undefined;

  constructor(args: HostSurveyArgs, context: PreviewContext) {
    this.#args = args;
    this.#context = context;
  }

  /**
   * Token of what the deployment is to be repeated for: a drift that is to be repaired, a host that was unreachable and is back. An empty string:
   * nothing; null: nothing ever.
   */
  driftToken(): Promise<string> | null {
    const { drift, allowUnreachable } = this.#args;
    return allowUnreachable || drift === "repair" ? this.#redeployToken() : null;
  }

  async #redeployToken(): Promise<string> {
    const { host, allowUnreachable } = this.#args;
    if (allowUnreachable && (await this.#context.recordedHosts.isPending(host))) {
      const back = await this.#lookOnce();
      if (back === undefined || (!back.reachable && back.away)) return "";
      // Another one every time: a deployment that misses the host again must be repeated as well.
      return `pending until ${new Date().toISOString()}`;
    }
    return this.#args.drift === "repair" ? this.#driftToken() : "";
  }

  async #driftToken(): Promise<string> {
    const [look, system] = [await this.#lookOnce(), await valueOrUndefined(this.#args.system)];
    if (look?.reachable !== true || system === undefined) return "";
    // Another system than the one before is deployed anyway: what counts is that the wanted one runs afterwards.
    return findDrift(look.state, system.toplevel)?.token ?? "";
  }

  /**
   * Reports what the next deployment changes, what drifted, and what must not be deployed, in the preview's messages on `resource`.
   * @param last result of the last deployment: unknown in a preview exactly when another deployment is due
   */
  report(resource: pulumi.Resource, last: pulumi.Output<DeployResult>): void {
    const deployed = last.apply(({ outcome, system }) => (outcome === "pending" ? null : system));
    void this.#tellPending(resource, deployed).catch(() => {});
    if (pulumi.runtime.isDryRun()) this.#context.pending.push(this.#report(resource, deployed));
    // Nothing waits for it: an update ends when its resources do, and what is remembered is only a help.
    else void this.#remember(deployed).catch(() => {});
  }

  async #tellPending(resource: pulumi.Resource, deployed: Deployed): Promise<void> {
    const last = await outputValueOrUnknown(deployed);
    if (!last.known || last.value !== null) return;
    const text = `${this.#args.host}: its deployment is pending: it could not be reached; pulumi up deploys once it can`;
    await pulumi.log.warn(text, resource);
  }

  async #remember(deployed: Deployed): Promise<void> {
    const last = await outputValueOrUnknown(deployed);
    if (last.known && last.value !== null)
      await lastDeployed(this.#args.host).write(this.#stack(), last.value);
  }

  #stack(): StackCacheKey {
    return { cacheRoot: this.#context.cacheRoot, environment: pulumi.getStack() };
  }

  async #report(resource: pulumi.Resource, deployed: Deployed): Promise<string | undefined> {
    // Without a drift check, only a host that is deployed to is contacted: its deployment decides that.
    if (this.#args.drift !== "off") void this.#lookOnce();
    // A configuration that cannot be evaluated is reported elsewhere, and its deployment is never registered.
    if (await isRejected(this.#args.system)) return undefined;
    const last = await outputValueOrUnknown(deployed);
    // Of a host that is back another deployment is due; one that is not need not be contacted.
    if (last.known && (this.#args.drift === "off" || last.value === null)) return undefined;
    const look = await this.#lookOnce();
    if (look === undefined) return undefined;
    if (!look.reachable) {
      // A host that may be away, and of which nothing is wanted, is nothing to warn of.
      if (last.known && this.#args.allowUnreachable && look.away) return undefined;
      void pulumi.log.warn(`${this.#args.host}: not checked: ${look.seen}`, resource);
      if (!last.known) await this.#tellChanges(resource, await this.#remembered());
      return undefined;
    }
    const refused = await this.#refusesLayout(resource, look);
    this.#tellDrift(resource, look, last.known ? last.value : null);
    if (!last.known && look.running !== null) await this.#tellChanges(resource, look.running);
    return refused ? this.#args.host : undefined;
  }

  #tellDrift(
    resource: pulumi.Resource,
    look: Inspection & { reachable: true },
    deployed: string | null,
  ): void {
    const { host, drift } = this.#args;
    const found = drift === "off" ? undefined : findDrift(look.state, deployed);
    if (found === undefined) return;
    const next =
      deployed === null
        ? "the deployment of this update takes its place"
        : `to put it back: drift: repair for ${host}, then pulumi up`;
    void pulumi.log.warn(`${host}: drift: it ${found.seen}; changed ${found.by}; ${next}`, resource);
  }

  async #refusesLayout(resource: pulumi.Resource, look: Inspection & { reachable: true }): Promise<boolean> {
    const { host, acceptDiskLayout } = this.#args;
    const system = await valueOrUndefined(this.#args.system);
    if (system === undefined || acceptDiskLayout) return false;
    const error = compareDiskLayout(host, recordedLayout(look.state.disks), system.diskLayout);
    if (error === undefined) return false;
    void pulumi.log.error(new StepError({ host, step: "disk layout", ...error }).message, resource);
    return true;
  }

  async #tellChanges(resource: pulumi.Resource, running: RunningSystem | undefined): Promise<void> {
    const { host } = this.#args;
    const { survey, preview, buildSeconds, notices } = this.#context;
    const [wanted, plan] = [
      await valueOrUndefined(this.#args.system),
      await valueOrUndefined(this.#args.build),
    ];
    if (plan === undefined) return;
    if (preview === "off" || wanted === undefined || running?.path === wanted.toplevel) return;
    const say = (head: string, body = "") => notices.add({ host, resource, head, body });
    if (running === undefined) return say("what changes is unknown: what it runs is not known");
    try {
      const comparison = await survey.compare({ host, running, wanted, preview, plan, buildSeconds });
      if (comparison === undefined) return say("what changes is unknown: its system cannot be listed");
      const { head, body } = describeComparison(comparison);
      say(head, body);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      void pulumi.log.warn(error.message, resource);
    }
  }

  async #remembered(): Promise<RunningSystem | undefined> {
    const system = await lastDeployed(this.#args.host).read(this.#stack());
    if (system === undefined) return undefined;
    const closure = await localSystems({ timeoutSeconds: this.#context.buildSeconds }).closure(system);
    return closure === undefined ? undefined : { path: system, closure, description: undefined };
  }

  #lookOnce(): Promise<Inspection | undefined> {
    this.#look ??= this.#lookNow();
    return this.#look;
  }

  /** undefined: there is no such host yet, or nothing is known of it. */
  async #lookNow(): Promise<Inspection | undefined> {
    const { host, system } = this.#args;
    const [install, connection, hostKey] = await Promise.all([
      valueOrUndefined(this.#args.installId),
      valueOrUndefined(this.#args.connection),
      valueOrUndefined(this.#args.hostKey),
    ]);
    if (install === undefined || connection === undefined || hostKey === undefined) return undefined;
    const wanted = (await valueOrUndefined(system))?.toplevel ?? null;
    // An update only asks whether something is to be repaired: what changes was reported in its preview.
    const preview = pulumi.runtime.isDryRun() ? this.#context.preview : "off";
    return this.#context.survey.look({
      target: { host, connection, hostKeys: [hostKey] },
      wanted,
      preview,
    });
  }
}

/** System that was deployed last; null: it is pending. */
type Deployed = pulumi.Output<string | null>;
