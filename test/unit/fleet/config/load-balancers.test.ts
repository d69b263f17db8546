import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../../../fleet/config/fault.ts";
import { parseConfiguration } from "../../../../fleet/config/parse.ts";
import { buildInventory } from "../../../../fleet/inventory/inventory.ts";

const credentials = {
  "hcloud:token": "t",
  "scaleway:accessKey": "a",
  "scaleway:secretKey": "s",
  "scaleway:projectId": "p",
};
const networks = {
  internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" },
  vpc: { provider: "scaleway", subnet: "172.16.8.0/22" },
  west: { range: "10.9.0.0/16", zone: "us-west" },
};
const hosts = {
  web: { tags: ["front"], networks: { internal: "10.0.1.2" } },
  "api-{1..2}": { tags: ["api"] },
};
const tcp = { protocol: "tcp", listen: 443 };

function read(
  balancers: unknown,
  { more = {}, defaults = {} }: { more?: Record<string, object>; defaults?: object } = {},
) {
  const raw = {
    ...credentials,
    "fleet:hosts": JSON.stringify({ ...hosts, ...more }),
    "fleet:networks": JSON.stringify(networks),
    "fleet:defaults": JSON.stringify(defaults),
    "fleet:loadBalancers": JSON.stringify(balancers),
  };
  return buildInventory(parseConfiguration(raw)).loadBalancers;
}

function faultsOf(...args: Parameters<typeof read>): string[] {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.faults.map(({ path, reason }) => `${path}: ${reason}`);
    throw error;
  }
  return [];
}

const lb = (settings: object) => ({ lb: { targets: ["web"], services: [tcp], ...settings } });
const service = (settings: object) => lb({ services: [{ ...tcp, ...settings }] });
const inNetwork = (settings: object) => lb({ network: "internal", privateAddress: "10.0.1.10", ...settings });

describe("fleet:loadBalancers", () => {
  it("has a default for all but targets and services", () => {
    expect(read(lb({}))).toEqual([
      {
        name: "lb",
        type: "lb11",
        location: "nbg1",
        algorithm: "round_robin",
        targets: ["web"],
        network: null,
        services: [
          {
            protocol: "tcp",
            listen: 443,
            destination: 443,
            proxyProtocol: false,
            http: null,
            check: { protocol: "tcp", port: 443, interval: 15, timeout: 10, retries: 3, http: null },
          },
        ],
        pointers: { ipv4: null, ipv6: null },
        labels: {},
        protect: true,
        deleteProtection: false,
      },
    ]);
    expect(read({})).toEqual([]);
  });

  it("takes protection, labels and location of the stack's defaults", () => {
    const defaults = { protect: false, deleteProtection: true, labels: { a: "1", b: "1" }, location: "hel1" };
    const [found] = read(lb({ labels: { b: "2" } }), { defaults });
    expect(found).toMatchObject({
      protect: false,
      deleteProtection: true,
      labels: { a: "1", b: "2" },
      location: "hel1",
    });
    const several = { locations: ["fsn1", "hel1"] };
    expect(read(lb({}), { defaults: several })[0]?.location).toBe("fsn1");
    expect(read(lb({ location: "nbg1" }), { defaults: several })[0]?.location).toBe("nbg1");
  });

  it("leads to hosts and to all hosts of a tag, each once", () => {
    expect(read(lb({ targets: ["web", "@api", "api-2", "@front"] }))[0]?.targets).toEqual([
      "api-1",
      "api-2",
      "web",
    ]);
  });

  it("gives http and https their ports, checks by HTTP, and what belongs to them", () => {
    const services = [
      { protocol: "https", certificates: [9, 4], redirectHttp: true, stickySessions: { cookie: "at" } },
      { protocol: "http", listen: 8080, stickySessions: true, healthCheck: { interval: 5 } },
    ];
    const [found] = read(lb({ services }));
    expect(found?.services.map(({ listen, destination }) => [listen, destination])).toEqual([
      [443, 80],
      [8080, 80],
    ]);
    expect(found?.services.map(({ http }) => http)).toEqual([
      { sticky: true, cookie: "at", lifetime: 300, certificates: [4, 9], redirect: true },
      { sticky: true, cookie: "HCLBSTICKY", lifetime: 300, certificates: [], redirect: false },
    ]);
    expect(found?.services[1]?.check).toEqual({
      protocol: "http",
      port: 80,
      // Never longer than the interval.
      interval: 5,
      timeout: 5,
      retries: 3,
      http: { path: "/", domain: "", response: "", statusCodes: ["2??", "3??"], tls: false },
    });
  });

  it("checks as it is told, TLS included, whatever the service speaks", () => {
    const healthCheck = {
      protocol: "https",
      port: 9000,
      path: "/up",
      domain: "a.example.org",
      response: "ok",
      statusCodes: ["204"],
    };
    expect(read(service({ healthCheck }))[0]?.services[0]?.check).toMatchObject({
      protocol: "https",
      port: 9000,
      http: { path: "/up", domain: "a.example.org", response: "ok", statusCodes: ["204"], tls: true },
    });
    expect(read(service({ protocol: "http" }))[0]?.services[0]?.http?.sticky).toBe(false);
    expect(read(service({ protocol: "http", stickySessions: false }))[0]?.services[0]?.http?.sticky).toBe(
      false,
    );
  });

  it("is in a network at an address of its own", () => {
    expect(read(inNetwork({}))[0]?.network).toEqual({ name: "internal", address: "10.0.1.10" });
  });

  it("has names for its addresses", () => {
    expect(read(lb({ reverseDns: "{host}.example.org" }))[0]?.pointers).toEqual({
      ipv4: "lb.example.org",
      ipv6: "lb.example.org",
    });
    expect(read(lb({ reverseDns: { ipv6: "six.example.org" } }))[0]?.pointers).toEqual({
      ipv4: null,
      ipv6: "six.example.org",
    });
  });
});

describe("faults of load balancers", () => {
  it.each<[object, string]>([
    [{ lb: { services: [tcp] } }, "targets: "],
    [{ lb: { targets: ["web"] } }, "services: "],
    [lb({ targets: [] }), "targets: must name at least one host or tag"],
    [lb({ services: [] }), "services: must name at least one service"],
    [lb({ type: "cx23" }), "type: is no load balancer type such as lb11"],
    [lb({ algorithm: "random" }), "algorithm: "],
    [lb({ location: "moon" }), "location: "],
    [lb({ colour: "red" }), "colour: is no known setting"],
    [lb({ targets: ["wep"] }), 'targets[0]: "wep" is no host; did you mean "web"?'],
    [lb({ targets: ["web", "front"] }), 'targets[1]: "front" is no host, but a tag: write "@front"'],
    [lb({ targets: ["@back"] }), 'targets[0]: "back" is the tag of no host'],
    [
      lb({ network: "internet", privateAddress: "10.0.1.9" }),
      'network: is no network of the stack; did you mean "internal"?',
    ],
    [lb({ privateAddress: "10.0.1.9" }), "privateAddress: is for a balancer with a network"],
    [lb({ network: "internal" }), "privateAddress: is missing: the balancer's own address, of 10.0.1.0/24"],
    [inNetwork({ privateAddress: "10.0.2.9" }), "privateAddress: must be of the network's subnet"],
    [inNetwork({ privateAddress: "10.0.1.2" }), 'privateAddress: is the address of host "web" too: 10.0.1.2'],
    [inNetwork({ targets: ["web", "@api"] }), 'targets[1]: host "api-1" is not in network "internal"'],
    [service({ listen: undefined }), "services[0].listen: is missing: tcp has no port of its own"],
    [service({ listen: 0 }), "services[0].listen: "],
    [service({ protocol: "udp" }), "services[0].protocol: "],
    [service({ protocol: "https" }), "services[0].certificates: is missing: https ends at the balancer"],
    [service({ certificates: [1] }), "services[0].certificates: is for https, and the protocol is tcp"],
    [service({ redirectHttp: true }), "services[0].redirectHttp: is for https, and the protocol is tcp"],
    [service({ stickySessions: true }), "services[0].stickySessions: is for http and https"],
    [service({ healthCheck: { interval: 2 } }), "services[0].healthCheck.interval: "],
    [service({ healthCheck: { retries: 6 } }), "services[0].healthCheck.retries: "],
    [
      service({ healthCheck: { interval: 5, timeout: 6 } }),
      "services[0].healthCheck.timeout: must not be longer than the interval: 6 s of 5 s",
    ],
    [
      service({ healthCheck: { timeout: 20 } }),
      "services[0].healthCheck.timeout: must not be longer than the interval: 20 s of 15 s",
    ],
    [
      service({ healthCheck: { path: "/" } }),
      "services[0].healthCheck.path: is for a check by http or https, and this one is by tcp",
    ],
    [
      service({ healthCheck: { statusCodes: ["2xx"] } }),
      "services[0].healthCheck.statusCodes[0]: must be a status code",
    ],
    [
      lb({ services: [tcp, { ...tcp, destination: 80 }] }),
      "services[1].listen: takes port 443, as services[0] does",
    ],
    [
      lb({ services: [{ protocol: "http" }, { protocol: "https", certificates: [1], redirectHttp: true }] }),
      "services[1].redirectHttp: takes port 80, as services[0] does",
    ],
    [
      lb({ network: "vpc", privateAddress: "172.16.8.9", targets: ["@api"] }),
      'network: is a network of provider "scaleway"',
    ],
  ])("%j", (balancers, reason) => {
    expect(faultsOf(balancers)).toContainEqual(expect.stringContaining(`fleet:loadBalancers.lb.${reason}`));
  });

  it.each<[object, string]>([
    [{ provider: "scaleway" }, 'is of provider "scaleway"'],
    [{ provider: "existing", address: "192.0.2.1", trustOnFirstUse: true }, 'is of provider "existing"'],
    [{ ipv4: false }, "has no public IPv4 address"],
    [{ location: "ash" }, "stands in ash, of zone us-east; the balancer is of eu-central"],
    [{ locations: ["nbg1", "hil"] }, "stands in hil, of zone us-west"],
  ])("of a target that is %j", (host, reason) => {
    expect(faultsOf(lb({ targets: ["far"] }), { more: { far: host } })).toEqual([
      expect.stringContaining(`fleet:loadBalancers.lb.targets[0]: host "far" ${reason}`),
    ]);
  });

  it("are none for an adopted server at its public address, and one for it in a network", () => {
    const more = { old: { adopt: 4711, trustOnFirstUse: true } };
    expect(faultsOf(lb({ targets: ["old"] }), { more })).toEqual([]);
    expect(faultsOf(inNetwork({ targets: ["old"] }), { more })).toEqual([
      expect.stringContaining('host "old" is not in network "internal"'),
    ]);
  });

  it("tell of a network in another zone, and of an address that two balancers want", () => {
    const west = lb({ network: "west", privateAddress: "10.9.0.9" });
    expect(faultsOf(west)).toContainEqual(
      "fleet:loadBalancers.lb.network: is a network of zone us-west, and location nbg1 is in eu-central",
    );
    expect(faultsOf({ ...inNetwork({}), other: inNetwork({}).lb })).toEqual([
      'fleet:loadBalancers.other.privateAddress: is the address of load balancer "lb" too: 10.0.1.10',
    ]);
    expect(faultsOf({ "lb.": lb({}).lb })).toEqual([expect.stringContaining("must be 1 to 20 of a-z")]);
  });

  it("are all told at once, also beside a setting that is wrong by itself", () => {
    expect(
      faultsOf(lb({ type: "big", targets: ["wep"], services: [{ protocol: "tcp" }], network: "inside" })),
    ).toEqual([
      expect.stringContaining("fleet:loadBalancers.lb.network: is no network"),
      expect.stringContaining("fleet:loadBalancers.lb.services[0].listen: is missing"),
      expect.stringContaining("fleet:loadBalancers.lb.targets[0]: "),
      expect.stringContaining("fleet:loadBalancers.lb.type: is no load balancer type"),
    ]);
  });
});
