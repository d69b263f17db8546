import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestCloud } from "../client.ts";

const named = z.array(z.looseObject({ id: z.number(), name: z.string() }));

describe("catalog", () => {
  it("lists locations with their network zones", async () => {
    const { make } = await startTestCloud();
    const locations = named.parse((await make("GET", "/locations"))["locations"]);
    expect(locations.map(({ name, network_zone: zone }) => `${name} ${zone}`)).toEqual([
      "fsn1 eu-central",
      "nbg1 eu-central",
      "hel1 eu-central",
      "ash us-east",
      "hil us-west",
      "sin ap-southeast",
    ]);
    expect(await make("GET", "/locations/3")).toMatchObject({ location: { name: "hel1", country: "FI" } });
  });

  it("finds a server type by name, with what the provider needs of it", async () => {
    const { make } = await startTestCloud();
    expect(await make("GET", "/server_types?name=cax11")).toMatchObject({
      server_types: [
        {
          name: "cax11",
          architecture: "arm",
          cores: 2,
          memory: 4,
          disk: 40,
          cpu_type: "shared",
          locations: [{ name: "fsn1" }, { name: "nbg1" }, { name: "hel1" }],
        },
      ],
      meta: { pagination: { total_entries: 1 } },
    });
    expect(await make("GET", "/server_types/114")).toMatchObject({
      server_type: { name: "cx23", deprecation: null },
    });
  });

  it("has every system image for both architectures, deprecated ones only on demand", async () => {
    const { make } = await startTestCloud();
    const images = async (query: string): Promise<string[]> =>
      named.parse((await make("GET", `/images?${query}`))["images"]).map(({ name }) => name);
    const current = ["debian-12", "debian-13", "ubuntu-22.04", "ubuntu-24.04", "ubuntu-26.04"];
    expect(await images("architecture=arm")).toEqual(current);
    expect(await images("architecture=x86&include_deprecated=true")).toEqual(["debian-11", ...current]);
    expect(await images("architecture=x86&name=debian-12&type=system&status=available")).toEqual([
      "debian-12",
    ]);
    expect(await images("type=snapshot")).toEqual([]);
    expect(await images("status=creating")).toEqual([]);
    expect(await images("bound_to=1")).toEqual([]);
  });

  it("refuses a flag that is neither true nor false", async () => {
    const { refused } = await startTestCloud();
    expect((await refused("GET", "/images?include_deprecated=yes")).fields).toEqual(["include_deprecated"]);
  });

  it("finds a load balancer type by name, with the most it takes", async () => {
    const { make } = await startTestCloud();
    expect(await make("GET", "/load_balancer_types?name=lb21")).toMatchObject({
      load_balancer_types: [
        {
          id: 2,
          max_connections: 20_000,
          max_services: 15,
          max_targets: 75,
          max_assigned_certificates: 25,
          prices: [{ location: "fsn1" }, {}, {}, {}, {}, { location: "sin" }],
        },
      ],
    });
  });

  it.each(["/locations/99", "/server_types/99", "/load_balancer_types/99", "/images/99", "/actions/99"])(
    "has no %s",
    async (path) => {
      const { refused, cloud } = await startTestCloud();
      expect((await refused("GET", path)).error).toBe("404 not_found");
      expect(cloud.journal.unexpected()).toEqual([]);
    },
  );
});
