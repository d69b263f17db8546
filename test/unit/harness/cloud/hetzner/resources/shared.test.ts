/** What holds for every kind of resource. */
import { describe, expect, it } from "vitest";
import type { Kind } from "../../../../../harness/cloud/hetzner/state.ts";
import { idOf, startTestCloud } from "../client.ts";

const line = (comment: string): string => {
  // Another key per name: keys must differ as well.
  const blob = Buffer.alloc(51, comment);
  Buffer.from("0000000b7373682d65643235353139", "hex").copy(blob);
  return `ssh-ed25519 ${blob.toString("base64")}`;
};

interface Sample {
  readonly kind: Kind;
  readonly singular: string;
  readonly body: (name: string) => Readonly<Record<string, unknown>>;
}

const samples: readonly Sample[] = [
  {
    kind: "servers",
    singular: "server",
    body: (name) => ({
      name,
      server_type: "cx23",
      image: "debian-12",
      public_net: { enable_ipv6: false },
      start_after_create: false,
    }),
  },
  { kind: "ssh_keys", singular: "ssh_key", body: (name) => ({ name, public_key: line(name) }) },
  { kind: "firewalls", singular: "firewall", body: (name) => ({ name }) },
  { kind: "networks", singular: "network", body: (name) => ({ name, ip_range: "10.0.0.0/8" }) },
  { kind: "primary_ips", singular: "primary_ip", body: (name) => ({ name, type: "ipv4", location: "fsn1" }) },
  { kind: "placement_groups", singular: "placement_group", body: (name) => ({ name, type: "spread" }) },
  { kind: "volumes", singular: "volume", body: (name) => ({ name, size: 10, location: "fsn1" }) },
];

describe.each(samples)("/$kind", ({ kind, singular, body }) => {
  it("has one of each name, also after renaming", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, singular, `/${kind}`, body("one"));
    expect(await cloud.refused("POST", `/${kind}`, { ...body("two"), name: "one" })).toMatchObject({
      error: "409 uniqueness_error",
      fields: ["name"],
    });
    await idOf(cloud, singular, `/${kind}`, body("two"));
    expect((await cloud.refused("PUT", `/${kind}/${id}`, { name: "two" })).error).toBe(
      "409 uniqueness_error",
    );
    await cloud.make("PUT", `/${kind}/${id}`, { name: "three" });
    expect(await cloud.make("GET", `/${kind}/${id}`)).toMatchObject({ [singular]: { id, name: "three" } });
  });

  it("has as many as the limit says", async () => {
    const cloud = await startTestCloud({ limits: { [kind]: 1 } });
    await idOf(cloud, singular, `/${kind}`, body("one"));
    const refused = await cloud.refused("POST", `/${kind}`, body("two"));
    expect(refused.error).toBe("403 resource_limit_exceeded");
    expect(cloud.cloud.inventory().filter((item) => item.kind === kind)).toHaveLength(1);
  });

  it("is labelled, found by label, and keeps its labels when renamed", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, singular, `/${kind}`, { ...body("one"), labels: { role: "a" } });
    await idOf(cloud, singular, `/${kind}`, body("two"));
    await cloud.make("PUT", `/${kind}/${id}`, { name: "three" });
    const found = await cloud.make("GET", `/${kind}?label_selector=role%3Da`);
    expect(found[kind]).toMatchObject([{ id, name: "three", labels: { role: "a" } }]);
    await cloud.make("PUT", `/${kind}/${id}`, { labels: {} });
    expect(await cloud.make("GET", `/${kind}?label_selector=role`)).toMatchObject({ [kind]: [] });
  });

  it("is gone once deleted", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, singular, `/${kind}`, body("one"));
    await cloud.make("DELETE", `/${kind}/${id}`);
    expect((await cloud.refused("GET", `/${kind}/${id}`)).error).toBe("404 not_found");
    expect((await cloud.refused("PUT", `/${kind}/${id}`, { name: "x" })).error).toBe("404 not_found");
    expect((await cloud.refused("DELETE", `/${kind}/${id}`)).error).toBe("404 not_found");
    expect(cloud.cloud.inventory()).toEqual([]);
  });
});
