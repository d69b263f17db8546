import type { RedeployBase } from "../deploy/redeploy-spec.ts";
import type { HostState } from "../host/host-state.ts";
import { StepError } from "../platform/step-error.ts";
import type { ConfiguredTarget } from "../pulumi/outputs.ts";

/**
 * What taking a host back goes by: its configuration of the last update, and the stack that the host itself says it belongs to.
 * @throws StepError step "identity"
 */
export function redeployBase(
  { host, connection, hostKeys, settings, deadlines }: ConfiguredTarget,
  { identity }: Pick<HostState, "identity">,
  logDirectory: string,
): RedeployBase {
  const [hostKey] = hostKeys;
  if (identity.kind !== "read" || identity.value.host !== host || hostKey === undefined)
    throw new StepError({
      host,
      step: "identity",
      seen: "the machine does not carry this host's identity",
      next: "deploy it with `pulumi up` first, or check its address",
    });
  const { stack } = identity.value;
  const { health, generations } = settings;
  return { stack, host, connection, hostKey, health, generations, deadlines, logDirectory };
}
