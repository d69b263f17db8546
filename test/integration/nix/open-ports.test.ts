import path from "node:path";
import { expect, test } from "vitest";
import { openPortsSchema } from "../../../model/firewall/open-ports.ts";
import { nixArguments, nixEnvironment } from "../../../runtime/nix/environment.ts";
import { must } from "../../harness/machines/must.ts";

const program = path.resolve(import.meta.dirname, "../../../runtime/nix/evaluation/wrapper/open-ports.nix");
const port = (number: number) => ({ from: number, to: number });

/** What a configuration in NixOS' shape opens. */
async function openPorts(configuration: object) {
  const expression = `import ${program} (builtins.fromJSON (builtins.getEnv "CONFIGURATION"))`;
  const env = { ...nixEnvironment(), CONFIGURATION: JSON.stringify(configuration) };
  const json = await must("nix", nixArguments("eval", "--impure", "--json", "--expr", expression), { env });
  return openPortsSchema.parse(JSON.parse(json));
}

test("ports and ranges, everywhere and on single interfaces", async () => {
  const firewall = {
    enable: true,
    allowedTCPPorts: [22, 80],
    allowedTCPPortRanges: [{ from: 8000, to: 8010 }],
    allowedUDPPorts: [51820],
    allowedUDPPortRanges: [{ from: 60000, to: 61000 }],
    interfaces: { eth0: { allowedTCPPorts: [443], allowedUDPPortRanges: [{ from: 1, to: 2 }] } },
  };
  expect(await openPorts({ networking: { firewall } })).toEqual({
    enable: true,
    everywhere: {
      tcp: [port(22), port(80), { from: 8000, to: 8010 }],
      udp: [port(51820), { from: 60000, to: 61000 }],
    },
    interfaces: { eth0: { tcp: [port(443)], udp: [{ from: 1, to: 2 }] } },
  });
});

test("a firewall that is off, and a system without one", async () => {
  const off = { enable: false, allowedTCPPorts: [22] };
  expect(await openPorts({ networking: { firewall: off } })).toEqual({
    enable: false,
    everywhere: { tcp: [port(22)], udp: [] },
    interfaces: {},
  });
  const nothing = { enable: false, everywhere: { tcp: [], udp: [] }, interfaces: {} };
  expect(await openPorts({ networking: {} })).toEqual(nothing);
  expect(await openPorts({})).toEqual(nothing);
});
