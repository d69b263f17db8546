import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScalewayError } from "../../../../../runtime/cloud/scaleway/request.ts";
import { ScalewayApi } from "../../../../../runtime/cloud/scaleway/volumes-api.ts";
import { MemoryMachineFactory } from "../../../../harness/cloud/memory-machines.ts";
import {
  credentialsOf,
  type ScalewayCloud,
  startScalewayCloud,
} from "../../../../harness/cloud/scaleway/cloud.ts";
import { Client } from "../../../harness/cloud/scaleway/client.ts";

const path = "/instance/v1/zones/fr-par-1/servers";

let machines: MemoryMachineFactory;
let cloud: ScalewayCloud;
let client: Client;
let api: ScalewayApi;
let server: string;
let volume: string;

beforeEach(async () => {
  machines = new MemoryMachineFactory();
  cloud = await startScalewayCloud({ machines, actionMs: 5 });
  client = new Client(cloud);
  api = new ScalewayApi(credentialsOf(cloud));
  server = await client.newServer();
  await client.act(server, "poweron", "running");
  volume = await client.newVolume(10);
  cloud.journal.clear();
});

afterEach(async () => {
  expect(cloud.journal.unexpected()).toEqual([]);
  await cloud.close();
});

const limits = (timeoutSeconds = 60) => ({ timeoutSeconds, signal: new AbortController().signal });
const place = (change: { server?: string; volume?: string } = {}) => ({
  zone: "fr-par-1",
  server,
  volume,
  ...change,
});
const disks = () => [...machines.machines.values()].flatMap((machine) => [...machine.volumes.keys()]);
const asked = () => cloud.journal.matching("POST", /-volume$/).map(({ status }) => status);
const failureOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);
const elsewhere = "00000000-0000-4000-8000-000000000000";

describe("volumes by Scaleway's API", () => {
  it("are attached once, and there when it says so", async () => {
    await api.attachVolume(place(), limits());
    expect(disks()).toEqual([volume]);
    await api.attachVolume(place(), limits());
    expect(asked()).toEqual([200]);
  });

  it("are detached where they are attached, and only there", async () => {
    await api.attachVolume(place(), limits());
    await api.detachVolume(place(), limits());
    expect(disks()).toEqual([]);
    await api.detachVolume(place(), limits());
    expect(asked()).toEqual([200, 200]);
  });

  it("are not missed where the server is gone", async () => {
    await api.detachVolume(place({ server: elsewhere }), limits());
    expect(asked()).toEqual([]);
  });

  it.each([
    ["429", { kind: "response", status: 429, code: "too_many_requests" }],
    ["409 transient_state", { kind: "response", status: 409, code: "transient_state" }],
    ["503", { kind: "response", status: 503, code: "internal_error" }],
    ["a cut connection", { kind: "reset" }],
  ] as const)("are asked for again after %s", async (_, effect) => {
    cloud.faults.add({ method: "POST", path: `${path}/**`, effect, times: 2 });
    await api.attachVolume(place(), limits());
    expect(disks()).toEqual([volume]);
  });

  it("that another instance has are not asked for again, and it is said what to do", async () => {
    const other = await client.newServer({ name: "db" });
    await api.attachVolume(place(), limits());
    const error = await failureOf(api.attachVolume(place({ server: other }), limits()));
    expect(error).toBeInstanceOf(ScalewayError);
    expect(error).toMatchObject({ code: "precondition_failed", passing: false });
    expect(String(error)).toContain("detach-volume");
    expect(asked()).toEqual([200, 412]);
  });

  it("of a server that is not there say so", async () => {
    const error = await failureOf(api.attachVolume(place({ server: elsewhere }), limits()));
    expect(error).toMatchObject({ code: "not_found" });
    expect(String(error)).toContain("pulumi refresh");
  });

  it("are given up at the deadline, and when they are called off", async () => {
    cloud.faults.add({
      method: "GET",
      path: `${path}/**`,
      effect: { kind: "response", status: 500, code: "internal_error" },
      times: 1000,
    });
    expect(await failureOf(api.attachVolume(place(), limits(2)))).toMatchObject({ code: "internal_error" });
    const stop = new AbortController();
    const stopped = failureOf(api.attachVolume(place(), { timeoutSeconds: 600, signal: stop.signal }));
    stop.abort();
    expect(await stopped).toMatchObject({ code: "cancelled" });
  });

  it("are refused with a wrong key, which is not shown", async () => {
    const wrong = new ScalewayApi({ ...credentialsOf(cloud), secretKey: "wrong-key" });
    const error = await failureOf(wrong.attachVolume(place(), limits()));
    expect(String(error)).toContain("check scaleway:secretKey");
    expect(String(error)).not.toContain("wrong-key");
  });
});
