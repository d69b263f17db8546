import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { reasonsIn } from "../config/errors-in.ts";

function errorsOf(host: unknown, more: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const texts = Object.entries(more).map(([key, value]) => [key, JSON.stringify(value)] as const);
  return reasonsIn(() =>
    parseConfiguration({
      ...{ "hcloud:token": "t", "fleet:hosts": JSON.stringify({ web: host }) },
      ...Object.fromEntries(texts),
    }),
  );
}

describe("a value that a setting cannot have", () => {
  it.each([
    [
      { location: "nbg2" },
      "location",
      'must be one of ash, fsn1, hel1, hil, nbg1, sin; did you mean "nbg1"?',
    ],
    [{ location: "xyzxyz" }, "location", "must be one of ash, fsn1, hel1, hil, nbg1, sin"],
    [{ location: "" }, "location", "must be one of ash, fsn1, hel1, hil, nbg1, sin"],
    [{ location: 3 }, "location", "must be one of ash, fsn1, hel1, hil, nbg1, sin"],
    [
      { provider: "hetznr" },
      "provider",
      'must be one of hetzner, scaleway, existing; did you mean "hetzner"?',
    ],
    [{ acceptDiskLayout: "accept" }, "acceptDiskLayout", "must be true or false, and is a text"],
    [{ ipv4: "yes" }, "ipv4", "must be true or false, and is a text"],
    [{ ipv4: "false" }, "ipv4", "must be true or false, and is a text: take its quotes away"],
    [{ ipv4: 1 }, "ipv4", "must be true or false, and is a number"],
    [{ tags: "edge" }, "tags", "must be a list, and is a text: put it in [ ]"],
    [{ tags: { edge: true } }, "tags", "must be a list, and is a map"],
    [{ tags: [5] }, "tags[0]", "must be a text, and is a number: put it in quotes"],
    [{ labels: { n: 3 } }, "labels.n", "must be a text, and is a number: put it in quotes"],
    [{ ssh: { port: "22" } }, "ssh.port", "must be a number, and is a text: take its quotes away"],
    [{ ssh: { port: "ssh" } }, "ssh.port", "must be a number, and is a text"],
    [{ ssh: { port: "" } }, "ssh.port", "must be a number, and is a text"],
    [{ count: 1.5 }, "count", "must be a whole number"],
    [{ count: 0 }, "count", "must be at least 1"],
    [{ count: 100_000 }, "count", "must be at most 1000"],
    [{ flake: "" }, "flake", "must have at least 1 character"],
    [{ firewall: [] }, "firewall", "must be a map, and is a list"],
    [{ health: null }, "health", "is empty: must be a map; {} is one that sets nothing"],
    [{ tags: null }, "tags", "is empty: must be a list"],
    [{ reinstall: [] }, "reinstall", "must be a text or a number, and is a list"],
    [{ drain: { rnu: "x" } }, "drain.run", "is missing: must be a text"],
    [{ drain: { rnu: "x" } }, "drain.rnu", 'is not a valid setting; did you mean "run"?'],
    [{ drain: 3 }, "drain", "must be a text or a map, and is a number"],
    [{ networks: { n: [] } }, "networks.n", "must have at least 1 entry"],
  ])("%j: %s", (host, setting, reason) => {
    expect(errorsOf(host)).toMatchObject({ [`fleet:hosts.web.${setting}`]: reason });
  });

  it("is told in our words as a host, a tag, a deadline or what has to be there", () => {
    expect(errorsOf(null)).toEqual({
      "fleet:hosts.web": "is empty: must be a map; {} is one that sets nothing",
    });
    const front = { services: [{}] };
    expect(
      errorsOf(
        {},
        {
          "fleet:tags": null,
          "fleet:deadlines": { deploy: { build: 0 } },
          "fleet:loadBalancers": { front },
        },
      ),
    ).toEqual({
      "fleet:tags": "is empty: must be a map; {} is one that sets nothing",
      "fleet:deadlines.deploy.build": "must be more than 0s and at most 24h",
      "fleet:loadBalancers.front.targets": "is missing: must be a list",
      "fleet:loadBalancers.front.services[0].protocol": "is missing: must be one of tcp, http, https",
    });
  });

  it("is never repeated, as it may be a secret at the wrong place", () => {
    const secret = "hunter2hunter2";
    const told = Object.values(
      errorsOf(
        { location: secret, ipv4: secret, labels: secret, drain: [secret] },
        { "fleet:secrets": { sudo: secret } },
      ),
    );
    expect(told).toHaveLength(5);
    expect(told.join()).not.toContain(secret);
  });
});

describe("an unknown setting of a map that has a short form", () => {
  it("is told with the setting that was meant", () => {
    expect(errorsOf({ reverseDns: { ip6: "a.example.org" } })).toEqual({
      "fleet:hosts.web.reverseDns.ip6": 'is not a valid setting; did you mean "ipv6"?',
    });
  });
});
