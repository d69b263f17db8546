import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { FactRegistry } from "../../../../components/facts/fact-registry.ts";

const fixed = {
  project: "p",
  stack: "s",
  hosts: {
    web: {
      provider: "hetzner",
      location: "nbg1",
      tags: [],
      sshPort: 22,
      privateAddresses: {},
      volumes: { data: { size: 10 } },
    },
  },
  networks: {},
  customFacts: [],
} as const;

describe("FactBook", () => {
  it("waits for a fact that is provided later, and knows it from then on", async () => {
    const book = new FactRegistry(fixed);
    const settled = book.settle("hosts.web.ipv4");
    expect(book.now("hosts.web.ipv4")).toBeUndefined();
    book.provide("hosts.web.ipv4", pulumi.output("198.51.100.7"), "never");
    expect(await settled).toEqual({ known: true, value: "198.51.100.7" });
    expect(book.now("hosts.web.ipv4")).toEqual({ known: true, value: "198.51.100.7" });
  });

  it("knows where a host's volumes are found", async () => {
    const book = new FactRegistry(fixed);
    book.provide("hosts.web.volumes.data.device", pulumi.output("/dev/disk/by-id/data"), "never");
    expect(await book.settle("hosts.web.volumes.data.device")).toEqual({
      known: true,
      value: "/dev/disk/by-id/data",
    });
    expect(() => book.now("hosts.web.volumes.logs.device")).not.toThrow();
    await expect(book.settle("hosts.web.volumes.logs.device")).rejects.toThrow("is not a fact of this fleet");
  });

  it("says until when a fact is unknown", async () => {
    const book = new FactRegistry(fixed);
    book.provide("deployKeys", pulumi.output<string[]>(pulumi.unknown as never), "the deploy key exists");
    expect(await book.settle("deployKeys")).toEqual({ known: false, until: "the deploy key exists" });
  });

  it("refuses paths that are not facts of this fleet", async () => {
    const book = new FactRegistry(fixed);
    await expect(book.settle("hosts.db.ipv4")).rejects.toThrow('"hosts.db.ipv4" is not a fact');
    expect(() => book.provide("hosts.db.ipv4", pulumi.output(null), "")).toThrow("is not a fact");
  });
});
