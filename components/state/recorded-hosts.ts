import * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import { HostNames } from "../../model/naming/host-names.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import type { RecordedHost } from "../../runtime/pulumi/recorded-state.ts";
import type { StateReader } from "./current-state.ts";

/** Under which names a host is searched for, and whether the state will be needed. */
type NamedHost = Pick<InventoryHost, "name" | "aliases" | "allowUnreachable" | "reinstall">;

/** What the state, as it was before this run, knows of the stack's hosts. */
export class RecordedHosts {
  readonly #names: ReadonlyMap<string, HostNames>;
  readonly #state: StateReader;
  #warned = false;

  /** Reads the state at once where a host needs it in any case, otherwise when it is first needed. */
  constructor(hosts: readonly NamedHost[], state: StateReader) {
    this.#names = new Map(hosts.map((host) => [host.name, new HostNames(host)]));
    this.#state = state;
    if (hosts.some(({ allowUnreachable, reinstall }) => allowUnreachable || reinstall !== null)) void state();
  }

  /** @returns a text that says why the state cannot be read */
  async find(host: string): Promise<RecordedHost | string> {
    const names = this.#names.get(host);
    if (names === undefined) throw new Error(`"${host}" is not a host of this stack`);
    const state = await this.#state();
    return typeof state === "string" ? state : state.host(names);
  }

  /** For those who cannot do without. */
  async get(host: string): Promise<RecordedHost> {
    const recorded = await this.find(host);
    if (typeof recorded !== "string") return recorded;
    throw new StepError({
      step: "reading the stack's state",
      seen: recorded,
      next: "Without Nix on this machine and without a host that can evaluate, only the state shows what is installed.",
    });
  }

  /** Whether the last deployment of a host that may be away could not reach it. */
  async isPending(host: string): Promise<boolean> {
    const recorded = await this.find(host);
    if (typeof recorded !== "string") return recorded.pending;
    if (!this.#warned) {
      this.#warned = true;
      await pulumi.log.warn(
        `whether deployments of hosts with allowUnreachable are pending is unknown: ${recorded}`,
      );
    }
    return false;
  }
}
