import type { ConfigError } from "../../errors/config-error.ts";
import type { HostConfig, HostSettings } from "../schema.ts";
import { healthOf } from "../settings/health.ts";

/**
 * Errors between the times of a host's health, with what the stack says for all. Without checks only units are judged, after `settle`
 * and however long that is.
 * @param path of the host, such as `fleet:hosts.web`
 */
export function healthErrors(path: string, host: HostConfig, defaults: HostSettings): ConfigError[] {
  const { settle, deadline, checks } = healthOf(host.health, defaults.health);
  if (checks.length === 0 || settle < deadline) return [];
  return [
    {
      path: `${path}.health.settle`,
      reason: `is ${settle} s, and must be less than health.deadline, ${deadline} s: no check could hold in between`,
    },
  ];
}
