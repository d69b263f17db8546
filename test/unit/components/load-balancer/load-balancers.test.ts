import { describe, expect, it } from "vitest";
import { registerHost } from "../host-program.ts";

const networks = { internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" } };
const tcp = { protocol: "tcp", listen: 443, destination: 8443, proxyProtocol: true };
const front = { targets: ["web"], services: [tcp] };

const register = (balancer: object = {}, host: object = {}) =>
  registerHost(
    { aliases: ["old"], ...host },
    { networks, loadBalancers: { front: { ...front, ...balancer } } },
  );

describe("a load balancer", () => {
  it("is made where and as it is wanted, with a name of the stack's", async () => {
    const recording = await register({ type: "lb21", location: "hel1", labels: { a: "b" } });
    expect(recording.resource("load-balancer-front-lb").inputs).toEqual({
      name: "pulumi-nixos-test-front",
      loadBalancerType: "lb21",
      location: "hel1",
      algorithm: { type: "round_robin" },
      labels: { "fleet/stack": "pulumi-nixos.test", a: "b" },
      deleteProtection: false,
    });
    expect(recording.options("load-balancer-front-lb")).toMatchObject({
      parent: "load-balancer-front",
      protect: true,
      deleteBeforeReplace: true,
    });
    const open = await register({ protect: false, deleteProtection: true });
    expect(open.options("load-balancer-front-lb").protect).toBe(false);
    expect(open.resource("load-balancer-front-lb").inputs["deleteProtection"]).toBe(true);
  });

  it("leads to a host after that has been deployed, and leaves its server before that goes", async () => {
    const recording = await register();
    expect(recording.resource("load-balancer-front-target-web").inputs).toEqual({
      type: "server",
      loadBalancerId: expect.any(Number),
      serverId: expect.any(Number),
      usePrivateIp: false,
    });
    expect(recording.options("load-balancer-front-target-web")).toMatchObject({
      parent: "load-balancer-front",
      deleteBeforeReplace: true,
      aliases: [{ name: "load-balancer-front-target-old" }],
    });
    expect(recording.options("load-balancer-front-target-web").dependsOn).toContain("web-deployment-run");
    expect(recording.resources.map(({ name }) => name)).not.toContain("load-balancer-front-network");
  });

  it("reaches targets in its network, where it has an address of its own", async () => {
    const place = { network: "internal", privateAddress: "10.0.1.10" };
    const recording = await register(place, { networks: { internal: "10.0.1.2" } });
    expect(recording.resource("load-balancer-front-network").inputs).toEqual({
      loadBalancerId: expect.any(Number),
      subnetId: expect.any(String),
      ip: "10.0.1.10",
    });
    expect(recording.options("load-balancer-front-network").deleteBeforeReplace).toBe(true);
    expect(recording.resource("load-balancer-front-target-web").inputs).toMatchObject({
      loadBalancerId: recording.resource("load-balancer-front-network").inputs["loadBalancerId"],
      serverId: recording.resource("web-network-internal").inputs["serverId"],
      usePrivateIp: true,
    });
  });

  it("has its services one after the other, and names after them", async () => {
    const web = { protocol: "http", stickySessions: { lifetime: 60 }, healthCheck: { path: "/up" } };
    const tls = { protocol: "https", certificates: [7, 3], redirectHttp: true, listen: 8443 };
    const recording = await register({
      services: [tls, tcp, { ...web, listen: 8080 }],
      reverseDns: "{host}.example.org",
    });
    expect(recording.resource("load-balancer-front-service-443").inputs).toEqual({
      loadBalancerId: expect.any(String),
      protocol: "tcp",
      listenPort: 443,
      destinationPort: 8443,
      proxyprotocol: true,
      healthCheck: { protocol: "tcp", port: 8443, interval: 15, timeout: 10, retries: 3 },
    });
    expect(recording.resource("load-balancer-front-service-8080").inputs).toMatchObject({
      destinationPort: 80,
      proxyprotocol: false,
      http: { stickySessions: true, cookieName: "HCLBSTICKY", cookieLifetime: 60, redirectHttp: false },
      healthCheck: {
        protocol: "http",
        http: { path: "/up", domain: "", response: "", tls: false, statusCodes: ["2??", "3??"] },
      },
    });
    expect(recording.resource("load-balancer-front-service-8443").inputs).toMatchObject({
      http: { stickySessions: false, certificates: [3, 7], redirectHttp: true },
    });
    const dependsOn = (name: string) => recording.options(`load-balancer-front-${name}`).dependsOn;
    expect(dependsOn("service-443")).toEqual(["load-balancer-front-lb"]);
    expect(dependsOn("service-8080")).toEqual(["load-balancer-front-service-443"]);
    expect(dependsOn("service-8443")).toEqual(["load-balancer-front-service-8080"]);
    expect(dependsOn("ipv4-rdns")).toEqual(["load-balancer-front-service-8443"]);
    expect(dependsOn("ipv6-rdns")).toEqual(["load-balancer-front-ipv4-rdns"]);
    expect(recording.options("load-balancer-front-service-443").deleteBeforeReplace).toBe(true);
    expect(recording.resource("load-balancer-front-ipv6-rdns").inputs).toEqual({
      loadBalancerId: expect.any(Number),
      ipAddress: "2001:db8:99::1",
      dnsPtr: "front.example.org",
    });
  });

  it("leads to an imported server at its public address", async () => {
    const imported = { aliases: [], importServer: 4711, trustOnFirstUse: true };
    const recording = await register({}, imported);
    expect(recording.resource("load-balancer-front-target-web").inputs["serverId"]).toEqual(
      expect.any(Number),
    );
  });
});
