import { describe, expect, it } from "vitest";
import { errorsOf, inNetwork, lb, service, tcp } from "../balancers.ts";

describe("errors of load balancers", () => {
  it.each<[object, string]>([
    [{ lb: { services: [tcp] } }, "targets: "],
    [{ lb: { targets: ["web"] } }, "services: "],
    [lb({ targets: [] }), "targets: must name at least one host or tag"],
    [lb({ services: [] }), "services: must name at least one service"],
    [lb({ type: "cx23" }), "type: is not a valid load balancer type, such as lb11"],
    [lb({ algorithm: "random" }), "algorithm: "],
    [lb({ location: "moon" }), "location: "],
    [lb({ colour: "red" }), "colour: is not a valid setting"],
    [lb({ targets: ["wep"] }), 'targets[0]: "wep" is not a host; did you mean "web"?'],
    [lb({ targets: ["web", "front"] }), 'targets[1]: "front" is not a host, but a tag: write "@front"'],
    [lb({ targets: ["@back"] }), 'targets[0]: "back" is the tag of no host'],
    [
      lb({ network: "internet", privateAddress: "10.0.1.9" }),
      'network: is not a network of the stack; did you mean "internal"?',
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
    expect(errorsOf(balancers)).toContainEqual(expect.stringContaining(`fleet:loadBalancers.lb.${reason}`));
  });

  it.each<[object, string]>([
    [{ provider: "scaleway" }, 'is of provider "scaleway"'],
    [{ provider: "existing", address: "192.0.2.1", trustOnFirstUse: true }, 'is of provider "existing"'],
    [{ ipv4: false }, "has no public IPv4 address"],
    [{ location: "ash" }, "is in ash, in zone us-east; the load balancer is in zone eu-central"],
    [{ locations: ["nbg1", "hil"] }, "is in hil, in zone us-west"],
  ])("of a target that is %j", (host, reason) => {
    expect(errorsOf(lb({ targets: ["far"] }), { more: { far: host } })).toEqual([
      expect.stringContaining(`fleet:loadBalancers.lb.targets[0]: host "far" ${reason}`),
    ]);
  });

  it("are none for an imported server at its public address, and one for it in a network", () => {
    const more = { old: { importServer: 4711, trustOnFirstUse: true } };
    expect(errorsOf(lb({ targets: ["old"] }), { more })).toEqual([]);
    expect(errorsOf(inNetwork({ targets: ["old"] }), { more })).toEqual([
      expect.stringContaining('host "old" is not in network "internal"'),
    ]);
  });

  it("tell of a network in another zone, and of an address that two balancers want", () => {
    const west = lb({ network: "west", privateAddress: "10.9.0.9" });
    expect(errorsOf(west)).toContainEqual(
      "fleet:loadBalancers.lb.network: is a network of zone us-west, and location nbg1 is in eu-central",
    );
    expect(errorsOf({ ...inNetwork({}), other: inNetwork({}).lb })).toEqual([
      'fleet:loadBalancers.other.privateAddress: is the address of load balancer "lb" too: 10.0.1.10',
    ]);
    expect(errorsOf({ "lb.": lb({}).lb })).toEqual([expect.stringContaining("must be 1 to 20 of a-z")]);
  });

  it("are all told at once, also beside a setting that is wrong by itself", () => {
    expect(
      errorsOf(lb({ type: "big", targets: ["wep"], services: [{ protocol: "tcp" }], network: "inside" })),
    ).toEqual([
      expect.stringContaining("fleet:loadBalancers.lb.network: is not a network"),
      expect.stringContaining("fleet:loadBalancers.lb.services[0].listen: is missing"),
      expect.stringContaining("fleet:loadBalancers.lb.targets[0]: "),
      expect.stringContaining("fleet:loadBalancers.lb.type: is not a valid load balancer type"),
    ]);
  });
});
