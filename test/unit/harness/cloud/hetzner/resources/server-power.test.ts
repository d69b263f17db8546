import { describe, expect, it } from "vitest";
import { newServer, serverOf, startTestCloud, type TestCloud } from "../client.ts";

async function calls(cloud: TestCloud, act: () => Promise<unknown>): Promise<string[]> {
  const before = cloud.machines.calls.length;
  await act();
  return cloud.machines.calls.slice(before).map(({ method }) => method);
}

describe("power", () => {
  it.each([
    ["poweroff", ["powerOff"], "off"],
    ["shutdown", ["shutdown"], "off"],
    ["poweron", ["powerOn"], "running"],
    ["reset", ["reset"], "running"],
    ["reboot", ["shutdown", "powerOn"], "running"],
  ])("%s does %j", async (name, methods, status) => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    const act = () => cloud.make("POST", `/servers/${id}/actions/${name}`);
    expect(await calls(cloud, act)).toEqual(methods);
    expect((await serverOf(cloud, id)).status).toBe(status);
  });

  it("shows what a server is passing through", async () => {
    const cloud = await startTestCloud({ actionMs: 300 });
    const id = await newServer(cloud);
    await cloud.call("POST", `/servers/${id}/actions/poweroff`);
    expect(await serverOf(cloud, id)).toMatchObject({ status: "stopping", locked: true });
    expect((await cloud.refused("POST", `/servers/${id}/actions/poweron`)).error).toBe("423 locked");
  });

  it("tells when the machine went off by itself", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud);
    await [...cloud.machines.machines.values()][0]?.shutdown();
    expect((await serverOf(cloud, id)).status).toBe("off");
  });

  it("makes the machine of a server created off at its first start", async () => {
    const cloud = await startTestCloud();
    const id = await newServer(cloud, { start_after_create: false });
    expect((await serverOf(cloud, id)).status).toBe("off");
    const off = await calls(cloud, () => cloud.make("POST", `/servers/${id}/actions/poweroff`));
    expect(off).toEqual([]);
    const on = await calls(cloud, () => cloud.make("POST", `/servers/${id}/actions/poweron`));
    expect(on).toEqual(["create"]);
    expect((await serverOf(cloud, id)).status).toBe("running");
  });

  it("is about servers that exist", async () => {
    const { refused } = await startTestCloud();
    expect((await refused("POST", "/servers/3/actions/poweron")).error).toBe("404 not_found");
  });
});
