import { describe, expect, it } from "vitest";
import { inNetwork, lb, read, service } from "./balancers.ts";

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
        ptrRecords: { ipv4: null, ipv6: null },
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
    expect(read(lb({ reverseDns: "{host}.example.org" }))[0]?.ptrRecords).toEqual({
      ipv4: "lb.example.org",
      ipv6: "lb.example.org",
    });
    expect(read(lb({ reverseDns: { ipv6: "six.example.org" } }))[0]?.ptrRecords).toEqual({
      ipv4: null,
      ipv6: "six.example.org",
    });
  });
});
