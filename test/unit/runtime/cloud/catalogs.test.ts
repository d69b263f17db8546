import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { HetznerApi } from "../../../../runtime/cloud/hetzner/api.ts";
import { fetchLoadBalancerTypes } from "../../../../runtime/cloud/hetzner/load-balancer-catalog.ts";
import { fetchHetznerCatalog } from "../../../../runtime/cloud/hetzner/server-catalog.ts";
import { ScalewayError } from "../../../../runtime/cloud/scaleway/request.ts";
import { fetchScalewayCatalog } from "../../../../runtime/cloud/scaleway/server-catalog.ts";
import { MemoryMachineFactory } from "../../../harness/cloud/memory-machines.ts";
import { credentialsOf, startScalewayCloud } from "../../../harness/cloud/scaleway/cloud.ts";
import { startTestCloud, token } from "../../harness/cloud/hetzner/client.ts";

/** A server that gives one answer a path, for what the emulated clouds never say. */
async function answering(answers: (path: string) => { body: object; total?: number }): Promise<string> {
  const server = createServer((request, response) => {
    const { body, total } = answers(request.url ?? "");
    if (total !== undefined) response.setHeader("x-total-count", String(total));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const limits = { timeoutSeconds: 20 };

describe("Hetzner's offers", () => {
  it("are places, types with where each is sold, and images with their architectures", async () => {
    const { cloud } = await startTestCloud();
    const offers = await fetchHetznerCatalog({ endpoint: cloud.endpoint, token }, limits);
    expect(offers.locations).toContain("nbg1");
    expect(offers.types.find(({ name }) => name === "cax11")).toEqual({
      name: "cax11",
      architecture: "arm",
      locations: ["fsn1", "nbg1", "hel1"],
    });
    for (const architecture of ["x86", "arm"])
      expect(offers.images).toContainEqual({ name: "debian-12", architecture });
    expect(cloud.journal.unexpected()).toEqual([]);
  });

  it("are read to the last page", async () => {
    const { cloud, make } = await startTestCloud();
    for (let each = 1; each <= 3; each += 1)
      await make("POST", "/placement_groups", { name: `group-${each}`, type: "spread" });
    const api = new HetznerApi({ endpoint: cloud.endpoint, token });
    expect(await api.list("/placement_groups?sort=name", "placement_groups", limits)).toHaveLength(3);
    const page = (path: string) => Number(new URL(path, "http://x").searchParams.get("page"));
    const endpoint = await answering((path) => ({
      body: {
        things: [page(path)],
        meta: { pagination: { next_page: page(path) < 3 ? page(path) + 1 : null } },
      },
    }));
    expect(await new HetznerApi({ endpoint, token }).list("/things", "things", limits)).toEqual([1, 2, 3]);
  });

  it("end with the dates that the API gives", async () => {
    const [past, future] = ["2020-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"];
    const type = (name: string, more: object) => ({
      ...{ name, architecture: "x86", deprecation: null, prices: [{ location: "fsn1" }] },
      ...more,
    });
    const places = [
      { name: "fsn1", deprecation: { unavailable_after: past } },
      { name: "hel1", deprecation: { unavailable_after: future } },
      { name: "nbg1", deprecation: null },
    ];
    const types = [
      type("gone", { deprecation: { unavailable_after: past }, locations: places }),
      type("partly", { locations: places }),
      type("priced", {}),
    ];
    const lists = { locations: [], images: [{ name: null, architecture: "x86" }], server_types: types };
    const endpoint = await answering(() => ({
      body: { ...lists, meta: { pagination: { next_page: null } } },
    }));
    const offers = await fetchHetznerCatalog({ endpoint, token }, limits);
    expect(offers.types.map(({ name, locations }) => [name, locations])).toEqual([
      ["gone", []],
      ["partly", ["hel1", "nbg1"]],
      ["priced", ["fsn1"]],
    ]);
    expect(offers.images).toEqual([]);
  });
});

describe("Hetzner's load balancers", () => {
  it("are types with where each is sold, and the most it takes", async () => {
    const { cloud } = await startTestCloud();
    const types = await fetchLoadBalancerTypes({ endpoint: cloud.endpoint, token }, limits);
    expect(types.map(({ name }) => name)).toEqual(["lb11", "lb21", "lb31"]);
    expect(types[0]).toEqual({
      name: "lb11",
      locations: ["fsn1", "nbg1", "hel1", "ash", "hil", "sin"],
      services: 5,
      targets: 25,
      certificates: 10,
    });
    expect(cloud.journal.unexpected()).toEqual([]);
  });

  it("end with the dates that the API gives", async () => {
    const type = (name: string, more: object) => ({
      ...{ name, max_services: 1, max_targets: 1, max_assigned_certificates: 1 },
      prices: [{ location: "fsn1" }],
      ...more,
    });
    const types = [
      type("gone", { deprecation: { unavailable_after: "2020-01-01T00:00:00+00:00" } }),
      type("going", { deprecation: { unavailable_after: "2999-01-01T00:00:00+00:00" } }),
      type("old", {}),
    ];
    const endpoint = await answering(() => ({
      body: { load_balancer_types: types, meta: { pagination: { next_page: null } } },
    }));
    const offers = await fetchLoadBalancerTypes({ endpoint, token }, limits);
    expect(offers.map(({ name, locations }) => [name, locations])).toEqual([
      ["gone", []],
      ["going", ["fsn1"]],
      ["old", ["fsn1"]],
    ]);
  });
});

describe("Scaleway's offers", () => {
  const start = async () => {
    const cloud = await startScalewayCloud({ machines: new MemoryMachineFactory() });
    onTestFinished(() => cloud.close());
    return cloud;
  };
  const question = { zone: "fr-par-1", labels: ["debian_bookworm", "no_such"], timeoutSeconds: 20 };

  it("are a zone's types, and the types that an image boots on", async () => {
    const cloud = await start();
    const { types, images } = await fetchScalewayCatalog(credentialsOf(cloud), question);
    expect(types).toContainEqual({ name: "BASIC2-A2C-4G", arch: "arm64", ended: false });
    expect(images.get("debian_bookworm")).toEqual(expect.arrayContaining(["DEV1-M", "BASIC2-A2C-4G"]));
    expect(images.get("no_such")).toEqual([]);
    expect(cloud.journal.unexpected()).toEqual([]);
  });

  it.each([{ total: 3 }, {}])("are read to the last page, where the API says %j", async (said) => {
    const endpoint = await answering((path) => {
      const page = Number(new URL(path, "http://x").searchParams.get("page"));
      const servers = page <= 3 ? { [`TYPE-${page}`]: { arch: "x86_64", end_of_service: page === 2 } } : {};
      return { body: { servers }, ...said };
    });
    const { types } = await fetchScalewayCatalog({ endpoint, secretKey: "s" }, { ...question, labels: [] });
    expect(types.map(({ name, ended }) => [name, ended])).toEqual([
      ["TYPE-1", false],
      ["TYPE-2", true],
      ["TYPE-3", false],
    ]);
  });

  it("are asked for again while the error may pass, and not when it will not", async () => {
    const cloud = await start();
    const error = { method: "GET", path: "/instance/v1/zones/*/products/servers", times: 1 } as const;
    cloud.faults.add({ ...error, effect: { kind: "response", status: 503, code: "unavailable" } });
    expect((await fetchScalewayCatalog(credentialsOf(cloud), question)).types.length).toBeGreaterThan(0);
    const failure = await fetchScalewayCatalog(
      { ...credentialsOf(cloud), secretKey: "wrong" },
      question,
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ScalewayError);
    expect(failure).toMatchObject({ passing: false, denied: true });
  });
});
