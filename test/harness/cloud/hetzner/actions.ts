/** Actions: the API's running, pollable jobs. A server or volume with a running action is locked. */
import { setTimeout as sleep } from "node:timers/promises";
import { locked } from "./errors.ts";
import { timestamp } from "./timestamp.ts";

export type ResourceType =
  | "server"
  | "volume"
  | "network"
  | "firewall"
  | "primary_ip"
  | "placement_group"
  | "load_balancer";

export interface ResourceReference {
  readonly type: ResourceType;
  readonly id: number;
}

/** An action as the API shows it. Progress in percent. */
export interface Action {
  readonly id: number;
  readonly command: string;
  readonly status: "running" | "success" | "error";
  readonly progress: number;
  readonly started: string;
  readonly finished: string | null;
  readonly resources: readonly ResourceReference[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What an action is to do; `work` runs after the action's base time. */
export interface ActionPlan {
  readonly command: string;
  readonly resources: readonly ResourceReference[];
  readonly work?: () => Promise<void> | void;
}

const lockable: ReadonlySet<ResourceType> = new Set(["server", "volume"]);

export class ActionLog {
  readonly #actions = new Map<number, Action>();
  readonly #running = new Map<number, Action>();
  readonly #runs = new Set<Promise<void>>();
  readonly #baseMs: number;
  readonly #nextId: () => number;

  /** @param baseMs what every action takes at least, in milliseconds. */
  constructor(baseMs: number, nextId: () => number) {
    this.#baseMs = baseMs;
    this.#nextId = nextId;
  }

  /** Starts one action and returns it as running. */
  start(plan: ActionPlan): Action {
    const action = this.#open(plan);
    this.#track(this.#carryOut([{ action, plan }]));
    return action;
  }

  /** Starts actions that run one after another; all are visible as running at once. */
  sequence(plans: readonly ActionPlan[]): Action[] {
    const steps = plans.map((plan) => ({ action: this.#open(plan), plan }));
    this.#track(this.#carryOut(steps));
    return steps.map(({ action }) => action);
  }

  get(id: number): Action | undefined {
    return this.#actions.get(id);
  }

  all(): Iterable<Action> {
    return this.#actions.values();
  }

  isLocked(type: ResourceType, id: number): boolean {
    if (!lockable.has(type)) {
      return false;
    }
    return [...this.#running.values()].some((action) =>
      action.resources.some((used) => used.type === type && used.id === id),
    );
  }

  /** Throws 423 `locked` if one of the resources has a running action. */
  requireUnlocked(...resources: readonly ResourceReference[]): void {
    for (const { type, id } of resources) {
      if (this.isLocked(type, id)) {
        throw locked(type, id);
      }
    }
  }

  /** Waits until no action runs, at most `deadlineMs`; throws naming what still runs. */
  async settle(deadlineMs: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(deadlineMs, "late" as const, { signal: timer.signal }).catch(() => "aborted" as const);
    const done = (async () => {
      while (this.#runs.size > 0) {
        await Promise.all(this.#runs);
      }
      return "done" as const;
    })();
    const outcome = await Promise.race([late, done]);
    timer.abort();
    if (outcome === "late") {
      const commands = [...this.#running.values()].map((action) => action.command).join(", ");
      throw new Error(`emulated cloud: actions still running after ${deadlineMs} ms: ${commands}`);
    }
  }

  #open(plan: ActionPlan): Action {
    const action: Action = {
      id: this.#nextId(),
      command: plan.command,
      status: "running",
      progress: 0,
      started: timestamp(),
      finished: null,
      resources: plan.resources,
      error: null,
    };
    this.#actions.set(action.id, action);
    this.#running.set(action.id, action);
    return action;
  }

  #track(run: Promise<void>): void {
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  async #carryOut(steps: readonly { readonly action: Action; readonly plan: ActionPlan }[]): Promise<void> {
    let failure: string | null = null;
    for (const { action, plan } of steps) {
      if (failure === null) {
        failure = await this.#attempt(plan);
      }
      this.#running.delete(action.id);
      this.#actions.set(action.id, {
        ...action,
        status: failure === null ? "success" : "error",
        progress: 100,
        finished: timestamp(),
        error: failure === null ? null : { code: "action_failed", message: failure },
      });
    }
  }

  /** Message of what went wrong, or null. */
  async #attempt(plan: ActionPlan): Promise<string | null> {
    try {
      await sleep(this.#baseMs);
      await plan.work?.();
      return null;
    } catch (error) {
      return `${plan.command}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
