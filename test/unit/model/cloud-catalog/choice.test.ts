import { expect, test } from "vitest";
import {
  type Choice,
  choiceOf,
  isSameChoice,
  matchesExisting,
  scalewayImageLabels,
} from "../../../../model/cloud-catalog/choice.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";

const credentials = {
  HCLOUD_TOKEN: "t",
  SCW_ACCESS_KEY: "k",
  SCW_SECRET_KEY: "s",
  SCW_DEFAULT_PROJECT_ID: "p",
};

function hosts(config: object) {
  return buildInventory(parseConfiguration({ "fleet:hosts": JSON.stringify(config) }, credentials)).hosts;
}

test("what a host takes of its cloud's offers", () => {
  const choices = hosts({
    cax: { serverType: "cax11", location: "hel1", image: "debian-12" },
    lent: { importServer: 17, trustOnFirstUse: true },
    old: { provider: "existing", address: "198.51.100.7", trustOnFirstUse: true },
    paris: { provider: "scaleway", zone: "fr-par-2", instanceType: "PRO2-XXS", image: "debian-13" },
  }).map((host) => choiceOf(host));
  expect(choices).toEqual([
    { provider: "hetzner", locations: ["hel1"], serverType: "cax11", image: "debian-12" },
    undefined,
    undefined,
    { provider: "scaleway", zones: ["fr-par-2"], instanceType: "PRO2-XXS", image: "debian_trixie" },
  ]);
});

test("every image that a configuration may name has a label at Scaleway", () => {
  for (const image of ["debian-12", "debian-13", "ubuntu-24.04"]) {
    const [host] = hosts({ web: { provider: "scaleway", image } });
    expect(host && choiceOf(host)).toMatchObject({ image: scalewayImageLabels[image] });
  }
});

const atHetzner: Choice = {
  provider: "hetzner",
  locations: ["nbg1"],
  serverType: "cx23",
  image: "debian-12",
};
const atScaleway: Choice = {
  provider: "scaleway",
  zones: ["fr-par-1"],
  instanceType: "DEV1-M",
  image: "debian_bookworm",
};

test.each<[Choice, Choice | undefined, boolean]>([
  [atHetzner, atHetzner, true],
  [atHetzner, { ...atHetzner, image: "debian-13" }, true],
  [atHetzner, { ...atHetzner, locations: ["hel1"] }, false],
  [atHetzner, { ...atHetzner, serverType: "cx33" }, false],
  [atHetzner, atScaleway, false],
  [atHetzner, undefined, false],
  [atScaleway, { ...atScaleway, image: "debian_trixie" }, true],
  [atScaleway, { ...atScaleway, zones: ["fr-par-2"] }, false],
  [atScaleway, { ...atScaleway, instanceType: "DEV1-L" }, false],
])("%j after %j: the same is %s", (wanted, before, same) => {
  expect(isSameChoice(wanted, before)).toBe(same);
});

test("a server stands where its host may stand", () => {
  const anywhere = { ...atHetzner, locations: ["hel1", "nbg1"] };
  expect([matchesExisting(anywhere, atHetzner), isSameChoice(anywhere, atHetzner)]).toEqual([true, false]);
  expect(matchesExisting({ ...atHetzner, locations: ["hel1"] }, atHetzner)).toBe(false);
  expect(matchesExisting({ ...anywhere, serverType: "cx33" }, atHetzner)).toBe(false);
  expect(matchesExisting(atHetzner, undefined)).toBe(false);
  expect(matchesExisting(atScaleway, atHetzner)).toBe(false);
});
