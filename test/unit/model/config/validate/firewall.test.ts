import { expect, test } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { toldIn } from "../errors-in.ts";

const credentials = {
  HCLOUD_TOKEN: "t",
  SCW_ACCESS_KEY: "k",
  SCW_SECRET_KEY: "s",
  SCW_DEFAULT_PROJECT_ID: "p",
};
const parse = (web: object, defaults: object = {}) =>
  parseConfiguration(
    { "fleet:hosts": JSON.stringify({ web }), "fleet:defaults": JSON.stringify(defaults) },
    credentials,
  );

function errorsOf(web: object, defaults: object = {}): string[] {
  return toldIn(() => parse(web, defaults));
}

const wanted = { firewall: { fromNixos: true } };

test.each<[object, object, RegExp | null]>([
  [wanted, {}, null],
  [{}, wanted, null],
  [{ firewall: { fromNixos: true, publicInterface: "enp1s0" } }, {}, null],
  [{ provider: "existing", address: "198.51.100.7", trustOnFirstUse: true }, wanted, null],
  [{ importServer: 17, trustOnFirstUse: true }, wanted, null],
  [{ provider: "scaleway", firewall: { tcp: [80] } }, wanted, null],
  [{ provider: "scaleway" }, wanted, /^fleet:hosts\.web\.firewall\.fromNixos: is for provider "hetzner"/],
  [
    { ...wanted, system: `/nix/store/${"a".repeat(32)}-x` },
    {},
    /^fleet:hosts\.web\.firewall\.fromNixos: needs a flake/,
  ],
  [
    { firewall: { publicInterface: "eth0" } },
    {},
    /^fleet:hosts\.web\.firewall\.publicInterface: is for fromNixos: true/,
  ],
  [
    { firewall: { fromNixos: true, publicInterface: "eth0/1" } },
    {},
    /^fleet:hosts\.web\.firewall\.publicInterface: is not a valid name of a network interface/,
  ],
])("%j with defaults %j: %s", (web, defaults, error) => {
  expect(errorsOf(web, defaults)).toEqual(error === null ? [] : [expect.stringMatching(error)]);
});

test.each([
  [{}, null],
  [{ fromNixos: false }, null],
  [{ fromNixos: true }, { publicInterface: null }],
  [{ fromNixos: true, publicInterface: "eth0" }, { publicInterface: "eth0" }],
])("%j is %j in the inventory", (firewall, fromNixos) => {
  const [host] = buildInventory(parse({ firewall })).hosts;
  expect(host).toMatchObject({ ports: { tcp: [], udp: [], fromNixos } });
});
