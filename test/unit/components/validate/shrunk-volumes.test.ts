import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import type { StateReader } from "../../../../components/state/current-state.ts";
import { shrunkVolumes } from "../../../../components/validate/shrunk-volumes.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { RecordedState } from "../../../../runtime/pulumi/recorded-state.ts";

afterEach(() => vi.restoreAllMocks());

const volume = (name: string, sizeInGb: number, more: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos:index:Host$scaleway:block/volume:Volume::${name}`,
  type: "scaleway:block/volume:Volume",
  inputs: { sizeInGb },
  ...more,
});
const exported = JSON.stringify({
  deployment: {
    resources: [
      volume("db-volume-data", 20),
      volume("db-volume-data", 90, { delete: true }),
      volume("old-volume-logs", 30),
      { ...volume("hetz-volume-data", 20), type: "hcloud:index/volume:Volume" },
    ],
  },
});

function errors(hosts: object, state: StateReader = async () => new RecordedState(exported)) {
  const configuration = parseConfiguration({
    ...{
      "hcloud:token": "t",
      "scaleway:accessKey": "a",
      "scaleway:secretKey": "s",
      "scaleway:projectId": "p",
    },
    "fleet:hosts": JSON.stringify(hosts),
  });
  return shrunkVolumes(buildInventory(configuration), state);
}

const at = (size: number, more: object = {}) => ({
  ...{ provider: "scaleway", protect: false, volumes: { data: { size } } },
  ...more,
});

test("a volume at Scaleway that nothing protects may not become smaller: its data would be gone", async () => {
  expect(await errors({ db: at(19) })).toEqual([
    {
      path: "fleet:hosts.db.volumes.data.size",
      reason:
        "is less than the 20 GB that the volume has: it can only grow, and a blank one would take its place",
    },
  ]);
  expect(await errors({ db: at(20), new: at(10) })).toEqual([]);
  const renamed = at(10, { aliases: ["old"], volumes: { logs: { size: 29 } } });
  expect((await errors({ db: at(21), log: renamed })).map(({ path }) => path)).toEqual([
    "fleet:hosts.log.volumes.logs.size",
  ]);
});

test("the state is read for such volumes alone", async () => {
  const unread: StateReader = () => Promise.reject(new Error("nobody has to know"));
  const hetzner = { protect: false, volumes: { data: { size: 10 } } };
  expect(
    await errors({ db: at(10, { protect: true }), hetz: hetzner, none: at(10, { volumes: {} }) }, unread),
  ).toEqual([]);
});

test("a state that cannot be read is warned of", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  expect(await errors({ db: at(10) }, async () => "it is locked")).toEqual([]);
  expect(warn.mock.calls[0]?.[0]).toMatch(/not checked whether volumes would shrink: it is locked$/);
});
