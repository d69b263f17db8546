import { describe, expect, it } from "vitest";
import { configuredHostsTable } from "../../../../cli/commands/hosts-configured.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";

describe("the table of configured hosts", () => {
  it("tells of each host what its provider makes of it", () => {
    const hosts = {
      a: { location: "hel1" },
      b: { provider: "scaleway", zone: "nl-ams-1", instanceType: "PLAY2-NANO" },
      c: { provider: "existing", address: "192.0.2.7", trustOnFirstUse: true },
    };
    const { hosts: inventory, rollout } = buildInventory(
      parseConfiguration({
        "hcloud:token": "t",
        "scaleway:accessKey": "a",
        "scaleway:secretKey": "s",
        "scaleway:projectId": "p",
        "fleet:hosts": JSON.stringify(hosts),
      }),
    );
    const table = configuredHostsTable(inventory, rollout);
    for (const text of ["cx23 in hel1", "PLAY2-NANO in nl-ams-1", "192.0.2.7"]) expect(table).toContain(text);
  });
});
