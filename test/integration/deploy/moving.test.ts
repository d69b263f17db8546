import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../../model/protocol/connection.ts";
import type { DeploySpec } from "../../../model/protocol/deploy.ts";
import { deploy } from "../../../runtime/deploy/deploy.ts";
import { testAddress } from "../addresses.ts";
import { firewall, listening, living, mergeSettings } from "./port-filter.ts";
import { createScene, type Scene } from "./scene.ts";

const home: Endpoint = { address: testAddress(62), port: 22 };
const elsewhere: Endpoint = { address: testAddress(63), port: 22 };
const upstairs: Endpoint = { ...home, port: 2222 };

let scene: Scene;
beforeAll(async () => {
  scene = await createScene("moving", home.address);
  await scene.deploy(await scene.spec("home", {}, base));
});
afterAll(() => scene?.close());

const base = mergeSettings(listening(22), firewall(22, 80), living(home.address));

/** A deployment to a host that was at the last of these places. */
async function specAt(
  places: readonly [Endpoint, Endpoint?],
  page: string,
  settings: object,
): Promise<DeploySpec> {
  const [place, previous] = places;
  const connection = { ...scene.web.connection, ...place, ...(previous === undefined ? {} : { previous }) };
  return await scene.spec(page, { connection }, settings);
}

async function deployed(spec: DeploySpec) {
  const { reporter, lines } = scene.reporter();
  const result = await deploy(spec, { reporter });
  return { result, warnings: lines.filter((line) => line.includes("warning:")) };
}

/** Both what the machine runs and what it starts. */
async function isOn({ system }: DeploySpec) {
  const { toplevel } = system;
  expect(await scene.observe()).toMatchObject({
    ...{ current: toplevel, profile: toplevel, bootEntry: toplevel, confirmed: toplevel },
  });
}

async function comesHome(from: Endpoint) {
  const back = await specAt([home, from], "home", base);
  expect(await deployed(back)).toMatchObject({ result: { outcome: "deployed" }, warnings: [] });
  await isOn(back);
}

describe("a host that moves", () => {
  it("to another port is worked on by the old one and confirmed by the new one", async () => {
    const settings = mergeSettings(listening(2222), firewall(2222, 80), living(home.address));
    const spec = await specAt([upstairs, home], "upstairs", settings);
    expect(await deployed(spec)).toMatchObject({ result: { outcome: "deployed" }, warnings: [] });
    await isOn(spec);
    const settled = await specAt([upstairs], "upstairs", settings);
    expect(await deployed(settled)).toMatchObject({ result: { outcome: "unchanged" } });
    const left = await specAt([home], "upstairs", settings);
    const { failure } = await scene.refusal({ ...left, deadlines: { ...left.deadlines, contact: 3 } });
    expect(failure).toMatchObject({ step: "contact" });
    await comesHome(upstairs);
  }, 300_000);

  it("to another address is worked on at the old one and confirmed at the new one", async () => {
    const settings = mergeSettings(listening(22), firewall(22, 80), living(elsewhere.address));
    const spec = await specAt([elsewhere, home], "elsewhere", settings);
    expect(await deployed(spec)).toMatchObject({ result: { outcome: "deployed" }, warnings: [] });
    await isOn(spec);
    await comesHome(elsewhere);
  }, 300_000);

  it("to a port that its firewall shuts goes back, and is reached where it was", async () => {
    const before = await scene.observe();
    const bootId = await scene.bootId();
    const settings = mergeSettings(listening(2222), firewall(22, 80), living(home.address));
    const spec = await specAt([upstairs, home], "shut", settings);
    const { failure } = await scene.refusal({ ...spec, deadlines: { ...spec.deadlines, confirm: 6 } });
    expect(failure.step).toBe("confirmation");
    expect(failure.seen).toContain(
      `within 6 s after the activation, neither at ${home.address} port 2222 nor at ${home.address} port 22`,
    );
    expect(failure.seen).toContain("the system it ran before is back");
    const { history, activations: _, ...after } = await scene.observe();
    expect(after).toEqual({ ...before, history: undefined, activations: undefined });
    expect(history.at(-1)).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: false });
    expect(await scene.bootId()).toBe(bootId);
    expect(await scene.page()).toContain("home");
  }, 300_000);

  it("nowhere, whose firewall shuts its port, goes back, and again when it is deployed again", async () => {
    const before = await scene.observe();
    const spec = await scene.spec(
      "alone",
      {},
      mergeSettings(listening(22), firewall(80), living(home.address)),
    );
    const impatient = { ...spec, deadlines: { ...spec.deadlines, confirm: 3 } };
    for (const attempt of ["first", "second"]) {
      const { failure } = await scene.refusal(impatient);
      expect(failure.seen, attempt).toContain(
        "no new connection came through within 3 s after the activation\n",
      );
      const { history, activations: _, ...after } = await scene.observe();
      expect(after).toEqual({ ...before, history: undefined, activations: undefined });
      expect(history.at(-1)).toMatchObject({ reason: "confirmation", reverted: "yes", rebooted: false });
    }
    expect(await scene.deploy(await scene.spec("open", {}, base))).toMatchObject({ outcome: "deployed" });
    await scene.deploy(await scene.spec("home", {}, base));
  }, 300_000);

  it("to a port that its firewall shuts, while the old one stays open, is confirmed there, with a warning", async () => {
    const settings = mergeSettings(listening(22, 2222), firewall(22, 80), living(home.address));
    const spec = await specAt([upstairs, home], "both", settings);
    const { result, warnings } = await deployed(spec);
    expect(result.outcome).toBe("deployed");
    expect(warnings).toEqual([
      expect.stringContaining(
        `confirmed at ${home.address} port 22, where it was before: nothing answers at ${home.address} port 2222`,
      ),
    ]);
    await isOn(spec);
    await comesHome(home);
  }, 300_000);
});
