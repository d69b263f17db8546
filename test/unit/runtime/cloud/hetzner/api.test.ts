import { describe, expect, it } from "vitest";
import { ApiError, HetznerApi } from "../../../../../runtime/cloud/hetzner/api.ts";
import { hasAddress } from "../../../../../runtime/install/rescue/power.ts";
import { newServer, startTestCloud, token } from "../../../harness/cloud/hetzner/client.ts";

const limits = { timeoutSeconds: 10 };

async function cloudWithServer() {
  const test = await startTestCloud();
  const id = String(await newServer(test));
  const [machine] = test.machines.machines.values();
  if (machine === undefined) throw new Error("no machine");
  return { ...test, id, machine, api: new HetznerApi({ endpoint: test.cloud.endpoint, token }) };
}

const failureOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe("the Hetzner Cloud API", () => {
  it("shows a server, and whether an address is one of its own", async () => {
    const { api, id } = await cloudWithServer();
    const server = await api.server(id, limits);
    expect(server).toMatchObject({ id: Number(id), status: "running", rescue_enabled: false });
    const { ipv4, ipv6 } = server.public_net;
    expect(hasAddress(server, ipv4?.ip ?? "")).toBe(true);
    expect(hasAddress(server, ipv6?.ip.replace("::/64", "::1") ?? "")).toBe(true);
    expect(hasAddress(server, "198.51.100.254")).toBe(false);
    expect(hasAddress(server, "2001:db8:ffff::1")).toBe(false);
  });

  it("takes a server into rescue and out again, and waits for each action", async () => {
    const { api, id, machine, make } = await cloudWithServer();
    const made = await make("POST", "/ssh_keys", {
      name: "deploy",
      public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHyAV7q8cvQ6Bhn5tsDdYiGqZ1pSnOxhEhWdDbBeJZ1a",
    });
    const key = String((made["ssh_key"] as { id: number }).id);
    await api.enableRescue(id, key, limits);
    expect(machine.rescueArmed()).toBe(true);
    await api.disableRescue(id, limits);
    expect(machine.rescueArmed()).toBe(false);
    await api.enableRescue(id, key, limits);
    await api.restart(id, "reset", limits);
    expect(machine.inRescue).toBe(true);
    await api.restart(id, "reset", limits);
    expect(machine.inRescue).toBe(false);
  });

  it.each([
    ["429 rate_limit_exceeded", { kind: "response", status: 429, code: "rate_limit_exceeded" }],
    ["503 unavailable", { kind: "response", status: 503, code: "unavailable" }],
    ["423 locked", { kind: "response", status: 423, code: "locked" }],
    ["a cut connection", { kind: "reset" }],
  ] as const)("asks again after %s", async (_, effect) => {
    const { api, id, cloud } = await cloudWithServer();
    cloud.faults.add({ method: "GET", path: `/servers/${id}`, effect, times: 1 });
    expect((await api.server(id, limits)).id).toBe(Number(id));
  });

  it("never asks twice for a restart of which it is not known whether it came about", async () => {
    const { api, id, cloud, machine } = await cloudWithServer();
    const path = `/servers/${id}/actions/reset`;
    cloud.faults.add({
      method: "POST",
      path,
      effect: { kind: "response", status: 502, code: "gateway" },
      times: 1,
    });
    const error = await failureOf(api.restart(id, "reset", limits));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ passing: true });
    expect(machine.boots).toBe(1);
  });

  it("gives up at the deadline, and at once where asking again is no use", async () => {
    const { api, id, cloud } = await cloudWithServer();
    expect(await failureOf(api.server("4711", limits))).toMatchObject({ code: "not_found", passing: false });
    cloud.faults.add({
      method: "GET",
      path: `/servers/${id}`,
      effect: { kind: "response", status: 500, code: "server_error" },
      times: 1000,
    });
    const started = Date.now();
    const error = await failureOf(api.server(id, { timeoutSeconds: 2 }));
    expect(error).toMatchObject({ code: "server_error" });
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it("never repeats the token, and says what to do about a wrong one", async () => {
    const { cloud, id } = await cloudWithServer();
    const wrong = new HetznerApi({ endpoint: cloud.endpoint, token: "w".repeat(64) });
    const error = await failureOf(wrong.server(id, limits));
    expect(String(error)).toContain("check hcloud:token");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("www");
  });

  it("ends when it is told to", async () => {
    const { cloud } = await startTestCloud();
    const api = new HetznerApi({ endpoint: `${cloud.endpoint.replace(/\d+\/v1$/, "1")}/v1`, token });
    const signal = AbortSignal.timeout(300);
    const started = Date.now();
    expect(await failureOf(api.server("1", { timeoutSeconds: 60, signal }))).toMatchObject({
      code: "cancelled",
    });
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});
