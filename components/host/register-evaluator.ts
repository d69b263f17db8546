import type * as pulumi from "@pulumi/pulumi";
import type { InventoryHost } from "../../model/inventory/inventory.ts";
import type { EvaluationMachines, MachineOfHost } from "../evaluation/evaluation-hosts.ts";
import type { RegisteredHost } from "./context.ts";
import type { JumpPath } from "./jump-path.ts";

/** Where there is no Nix, hosts evaluate: themselves, and for each other. */
export function registerEvaluationHost(
  host: RegisteredHost & { readonly jumpPath: JumpPath } & pulumi.Resource,
  { name, build }: InventoryHost,
  machines: EvaluationMachines | null,
  { plan, logDirectory }: Pick<MachineOfHost, "plan" | "logDirectory">,
): void {
  machines?.provide(name, {
    ...{ build, plan, logDirectory },
    connection: host.connection,
    hostKey: host.identity.hostKey.publicKey,
    way: host.jumpPath.open,
    entry: host.install.entry,
    installed: host.install.runId,
    resource: host,
  });
}
