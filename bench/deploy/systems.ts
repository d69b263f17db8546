import type { HostSystem } from "../../fleet/protocol/connection.ts";
import { buildToplevel, evaluateSystem } from "../../test/integration/deploy/systems.ts";

/** Makes built systems that differ in the page they serve. @param publicKey may log in as root */
export function systemMaker(publicKey: string): () => Promise<HostSystem> {
  const settings = { users: { users: { root: { openssh: { authorizedKeys: { keys: [publicKey] } } } } } };
  let made = 0;
  return async () => {
    made += 1;
    const system = await evaluateSystem(`page ${made}`, settings);
    await buildToplevel(system);
    return system;
  };
}
