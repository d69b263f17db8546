import { describe, expect, it } from "vitest";
import { idOf, newServer, startTestCloud } from "../client.ts";
import { act, balancerOf, base, newBalancer, refusedTo } from "./balancer-client.ts";

describe("/load_balancers", () => {
  it("are made with what the API fills in, found by name, changed and deleted", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    expect(await balancerOf(cloud, id)).toMatchObject({
      name: "lb",
      public_net: {
        enabled: true,
        ipv4: { ip: "198.51.100.20", dns_ptr: "static.20.100.51.198.clients.your-server.de" },
        ipv6: { ip: "2001:db8:1:1::1" },
      },
      private_net: [],
      location: { name: "fsn1", network_zone: "eu-central" },
      load_balancer_type: { name: "lb11", max_services: 5, max_targets: 25 },
      algorithm: { type: "round_robin" },
      services: [],
      targets: [],
      protection: { delete: false },
    });
    await cloud.make("PUT", `/load_balancers/${id}`, { name: "front", labels: { a: "b" } });
    await act(cloud, id, "change_type", { load_balancer_type: "lb21" });
    await act(cloud, id, "change_algorithm", { type: "least_connections" });
    await act(cloud, id, "change_dns_ptr", { ip: "198.51.100.20", dns_ptr: "lb.example.org" });
    await act(cloud, id, "change_dns_ptr", { ip: "2001:DB8:1:1:0:0:0:1", dns_ptr: "six.example.org" });
    expect(await cloud.make("GET", "/load_balancers?name=front&label_selector=a==b")).toMatchObject({
      load_balancers: [
        {
          name: "front",
          load_balancer_type: { name: "lb21" },
          algorithm: { type: "least_connections" },
          public_net: { ipv4: { dns_ptr: "lb.example.org" }, ipv6: { dns_ptr: "six.example.org" } },
        },
      ],
    });
    await act(cloud, id, "change_dns_ptr", { ip: "198.51.100.20", dns_ptr: null });
    expect(await balancerOf(cloud, id)).toMatchObject({
      public_net: { ipv4: { dns_ptr: "static.20.100.51.198.clients.your-server.de" } },
    });
    await cloud.make("DELETE", `/load_balancers/${id}`);
    expect(cloud.cloud.inventory()).toEqual([]);
    // Its addresses are free again, and handed out again last.
    expect(await balancerOf(cloud, await newBalancer(cloud))).toMatchObject({
      public_net: { ipv4: { ip: "198.51.100.21" } },
    });
  });

  it.each<[object, string]>([
    [{ load_balancer_type: "lb99" }, "422 invalid_input load_balancer_type"],
    [{ location: "moon" }, "422 invalid_input location"],
    [{ network_zone: "eu-central" }, "422 invalid_input location"],
    [{ algorithm: { type: "random" } }, "422 invalid_input algorithm.type"],
    [{ colour: "red" }, "422 invalid_input colour"],
    [{ name: "there" }, "409 uniqueness_error name"],
    [{ targets: [{ type: "server", server: { id: 1 } }] }, "422 invalid_input"],
    [{ targets: [{ type: "ip", ip: { ip: "192.0.2.1" } }] }, "422 invalid_input targets.0.ip"],
  ])("are not made with %j, and leave nothing behind", async (change, error) => {
    const cloud = await startTestCloud();
    await newBalancer(cloud, { name: "there" });
    const answer = await cloud.refused("POST", "/load_balancers", { ...base, ...change });
    expect([answer.error, ...answer.fields].join(" ")).toContain(error);
    expect(cloud.cloud.inventory()).toHaveLength(1);
  });

  it("may be given services and targets from the start, in a zone instead of a location", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const id = await idOf(cloud, "load_balancer", "/load_balancers", {
      name: "lb",
      load_balancer_type: 1,
      network_zone: "eu-central",
      services: [{ protocol: "http" }],
      targets: [{ type: "server", server: { id: server } }],
    });
    expect(await balancerOf(cloud, id)).toMatchObject({
      services: [{ listen_port: 80 }],
      targets: [{ server: { id: server }, health_status: [{ listen_port: 80, status: "unknown" }] }],
    });
  });

  it("are not deleted while protected", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    await act(cloud, id, "change_protection", { delete: true });
    expect((await cloud.refused("DELETE", `/load_balancers/${id}`)).error).toBe("423 protected");
    await act(cloud, id, "change_protection", { delete: false });
    await cloud.make("DELETE", `/load_balancers/${id}`);
  });

  it("take a type only that is another one and large enough", async () => {
    const cloud = await startTestCloud();
    const services = [80, 81, 82, 83, 84, 85].map((port) => ({ protocol: "tcp", listen_port: port }));
    const id = await newBalancer(cloud, { load_balancer_type: "lb21", services });
    for (const type of ["lb21", "lb11"])
      expect(await refusedTo(cloud, id, "change_type", { load_balancer_type: type })).toBe(
        "422 invalid_load_balancer_type",
      );
    await act(cloud, id, "change_type", { load_balancer_type: "lb31" });
  });

  it("know whose address a name is for", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    expect(await refusedTo(cloud, id, "change_dns_ptr", { ip: "198.51.100.99", dns_ptr: null })).toBe(
      "404 not_found",
    );
  });
});

describe("services of a load balancer", () => {
  it("are added with the API's defaults, changed in part, and removed", async () => {
    const cloud = await startTestCloud();
    const id = await newBalancer(cloud);
    await act(cloud, id, "add_service", { protocol: "tcp", listen_port: 443 });
    const https = { certificates: [7], redirect_http: true, sticky_sessions: true };
    await act(cloud, id, "add_service", { protocol: "https", listen_port: 8443, http: https });
    const check = { protocol: "tcp", port: 443, interval: 15, timeout: 10, retries: 3, http: null };
    const http = { cookie_name: "HCLBSTICKY", cookie_lifetime: 300, ...https };
    expect(await balancerOf(cloud, id)).toMatchObject({
      services: [
        { protocol: "tcp", destination_port: 443, proxyprotocol: false, http: null, health_check: check },
        {
          protocol: "https",
          destination_port: 80,
          http,
          health_check: {
            protocol: "http",
            port: 80,
            http: { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false },
          },
        },
      ],
    });
    await act(cloud, id, "update_service", {
      listen_port: 443,
      destination_port: 8443,
      proxyprotocol: true,
      health_check: { protocol: "http", interval: 5, timeout: 2, http: { path: "/up" } },
    });
    await act(cloud, id, "update_service", { listen_port: 8443, http: { cookie_name: "at" } });
    await act(cloud, id, "delete_service", { listen_port: 8443 });
    expect(await balancerOf(cloud, id)).toMatchObject({
      services: [
        {
          listen_port: 443,
          destination_port: 8443,
          proxyprotocol: true,
          health_check: { port: 443, interval: 5, timeout: 2, retries: 3, http: { path: "/up" } },
        },
      ],
    });
  });

  it.each<[string, object, string]>([
    ["add_service", { protocol: "tcp" }, "422 invalid_input listen_port"],
    ["add_service", { protocol: "tcp", listen_port: 443 }, "409 source_port_already_used"],
    ["add_service", { protocol: "tcp", listen_port: 1, http: {} }, "422 invalid_input http"],
    ["add_service", { protocol: "https" }, "422 invalid_input http.certificates"],
    ["add_service", { protocol: "http", http: { redirect_http: true } }, "422 invalid_input http"],
    [
      "add_service",
      { protocol: "https", listen_port: 444, http: { certificates: [1], redirect_http: true } },
      "409 source_port_already_used",
    ],
    ["add_service", { protocol: "udp", listen_port: 1 }, "422 invalid_input protocol"],
    [
      "add_service",
      { protocol: "tcp", listen_port: 1, health_check: { protocol: "tcp", interval: 5, timeout: 6 } },
      "422 invalid_input health_check.timeout",
    ],
    [
      "add_service",
      { protocol: "tcp", listen_port: 1, health_check: { interval: 2 } },
      "422 invalid_input health_check.interval",
    ],
    [
      "add_service",
      { protocol: "tcp", listen_port: 1, health_check: { http: {} } },
      "422 invalid_input health_check.http",
    ],
    ["update_service", { listen_port: 444 }, "404 not_found"],
    ["delete_service", { listen_port: 444 }, "404 not_found"],
  ])("refuse to %s %j", async (name, body, error) => {
    const cloud = await startTestCloud();
    const services = [{ protocol: "tcp", listen_port: 443 }, { protocol: "http" }];
    const id = await newBalancer(cloud, { services });
    expect(await refusedTo(cloud, id, name, body)).toContain(error);
  });

  it("are as many as the type takes", async () => {
    const cloud = await startTestCloud();
    const services = [1, 2, 3, 4, 5].map((port) => ({ protocol: "tcp", listen_port: port }));
    const id = await newBalancer(cloud, { services });
    expect(await refusedTo(cloud, id, "add_service", { protocol: "tcp", listen_port: 6 })).toBe(
      "403 resource_limit_exceeded",
    );
  });
});
