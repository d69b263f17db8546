import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { reasonsIn } from "./errors-in.ts";

const credentials = {
  "hcloud:token": "t",
  "scaleway:accessKey": "a",
  "scaleway:secretKey": "s",
  "scaleway:projectId": "p",
};

function pathsOf(settings: Readonly<Record<string, unknown>>): string[] {
  const texts = Object.entries(settings).map(
    ([key, value]) => [`fleet:${key}`, JSON.stringify(value)] as const,
  );
  return Object.keys(reasonsIn(() => parseConfiguration({ ...credentials, ...Object.fromEntries(texts) })));
}

describe("an error", () => {
  it("of the stack's defaults hides nothing else they say", () => {
    const hosts = { web: { instanceType: "DEV1-S" }, db: { serverType: "cx23" } };
    expect(pathsOf({ hosts, defaults: { provider: "scaleway", zne: "fr-par-1" } })).toEqual([
      "fleet:defaults.zne",
      "fleet:hosts.db.serverType",
    ]);
  });

  it("of a tag hides nothing else it says", () => {
    const hosts = { web: { tags: ["s"], instanceType: "DEV1-S" }, db: { tags: ["s"], location: "fsn1" } };
    expect(pathsOf({ hosts, tags: { s: { provider: "scaleway", zone: "moon" } } })).toEqual([
      "fleet:hosts.db.location",
      "fleet:tags.s.zone",
    ]);
  });

  it("of how hosts are logged in to hides nothing else of it", () => {
    const hosts = { web: { elevate: "sudo" }, db: { elevate: "none" } };
    expect(pathsOf({ hosts, ssh: { user: "ops", prot: 22 } })).toEqual([
      "fleet:hosts.db.elevate",
      "fleet:ssh.prot",
    ]);
  });

  it("of one tag of a host, or of one network, hides none of the others", () => {
    const networks = { a: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" }, b: { range: "10.1.0.0/16" } };
    const hosts = {
      web: { tags: ["Bad", "edge"], networks: { b: "moon", a: "10.0.2.1" } },
      db: { networks: 7 },
    };
    expect(pathsOf({ hosts, networks, tags: { edge: {} } })).toEqual([
      "fleet:hosts.db.networks",
      "fleet:hosts.web.networks.a",
      "fleet:hosts.web.networks.b",
      "fleet:hosts.web.tags[0]",
    ]);
  });

  it("of a rollout hides no other of it", () => {
    const rollout = { canary: ["nobody", "Bad Name"], waves: [["@none"], [], "web", 3], soak: -1 };
    expect(pathsOf({ hosts: { web: {} }, rollout })).toEqual([
      "fleet:rollout.canary[0]",
      "fleet:rollout.canary[1]",
      "fleet:rollout.soak",
      "fleet:rollout.waves[0][0]",
      "fleet:rollout.waves[1]",
      "fleet:rollout.waves[3]",
    ]);
  });
});
