import { expect, it, vi } from "vitest";
import { attributeErrors } from "../../../../components/validate/flake-attributes.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";

const inventory = buildInventory(
  parseConfiguration({
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify({
      web: {},
      db: { flake: "./hosts#bd" },
      far: { flake: "github:a/b#far" },
      near: { flake: "github:a/b#near" },
    }),
  }),
);

it("names hosts whose flake has no such configuration, and asks for each flake once", async () => {
  const configurationNames = vi.fn(async (flake: string) =>
    flake === "./hosts" ? ["db", "web"] : ["far", "near"],
  );
  expect(await attributeErrors(inventory, { configurationNames })).toEqual([
    {
      path: "fleet:hosts.db.flake",
      reason: 'the flake ./hosts has no nixosConfigurations.bd; did you mean "db"?',
    },
  ]);
  expect(configurationNames.mock.calls).toEqual([["./hosts"], ["github:a/b"]]);
});

it("names the hosts of a flake that cannot be read, at the first of them", async () => {
  const configurationNames = async (flake: string) => {
    if (flake === "./hosts") return ["bd", "web"];
    throw new StepError({ step: "fetching the flake", seen: "it is gone" });
  };
  const [error, ...more] = await attributeErrors(inventory, { configurationNames });
  expect(more).toEqual([]);
  expect(error?.path).toBe("fleet:hosts.far.flake");
  expect(error?.reason).toMatch(/^of far, near: .*fetching the flake failed: it is gone/s);
});

it("finds nothing where there is no Nix: each host reports its own error when it is evaluated", async () => {
  expect(await attributeErrors(inventory, undefined)).toEqual([]);
});
