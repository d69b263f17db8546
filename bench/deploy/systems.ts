import type { HostSystem } from "../../model/protocol/connection.ts";
import { buildToplevel, evaluateSystem } from "../../test/integration/deploy/systems.ts";

/**
 * Makes built systems that differ in the page they serve.
 * @param publicKey may log in as root
 * @returns takes further settings, such as faults
 */
export function systemMaker(publicKey: string): (settings?: object) => Promise<HostSystem> {
  const access = { users: { users: { root: { openssh: { authorizedKeys: { keys: [publicKey] } } } } } };
  let made = 0;
  return async (settings = {}) => {
    made += 1;
    const system = await evaluateSystem(`page ${made}`, { ...access, ...settings });
    await buildToplevel(system);
    return system;
  };
}
