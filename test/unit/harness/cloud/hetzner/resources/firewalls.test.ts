import { describe, expect, it } from "vitest";
import { idOf, newServer, serverOf, startTestCloud } from "../client.ts";

const ssh = { direction: "in", protocol: "tcp", port: "22", source_ips: ["0.0.0.0/0", "::/0"] };

describe("/firewalls", () => {
  it("answers rules with every field, and an action for them", async () => {
    const { make } = await startTestCloud();
    const answer = await make("POST", "/firewalls", { name: "f", rules: [ssh] });
    expect(answer).toMatchObject({
      firewall: { name: "f", rules: [{ ...ssh, destination_ips: [], description: null }], applied_to: [] },
      actions: [{ command: "set_firewall_rules" }],
    });
    expect(await make("POST", "/firewalls", { name: "empty" })).toMatchObject({ actions: [] });
  });

  it("replaces its rules", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "firewall", "/firewalls", { name: "f", rules: [ssh] });
    const rules = [{ direction: "out", protocol: "udp", port: "1-65535", destination_ips: ["10.0.0.0/8"] }];
    await cloud.make("POST", `/firewalls/${id}/actions/set_rules`, { rules });
    expect(await cloud.make("GET", `/firewalls/${id}`)).toMatchObject({
      firewall: { rules: [{ port: "1-65535" }] },
    });
    expect(await cloud.make("GET", `/firewalls/${id}/actions`)).toMatchObject({ actions: [{}, {}] });
  });

  it.each([
    ["tcp without port", { ...ssh, port: undefined }],
    ["icmp with port", { ...ssh, protocol: "icmp" }],
    ["no source", { ...ssh, source_ips: [] }],
    ["a host instead of a network", { ...ssh, source_ips: ["10.0.0.1"] }],
    ["port 0", { ...ssh, port: "0" }],
    ["port 65536", { ...ssh, port: "65536" }],
    ["a range upside down", { ...ssh, port: "90-80" }],
    ["outbound by source", { ...ssh, direction: "out" }],
    ["an unknown protocol", { ...ssh, protocol: "sctp" }],
  ])("refuses a rule with %s", async (_, rule) => {
    const { refused, cloud } = await startTestCloud();
    const answer = await refused("POST", "/firewalls", { name: "f", rules: [rule] });
    expect(answer.error).toBe("422 invalid_input");
    expect(answer.fields[0]).toMatch(/^rules\.0/);
    expect(cloud.inventory()).toEqual([]);
  });

  it.each(["any", "80", "80-85"])("takes port %s", async (port) => {
    const { make } = await startTestCloud();
    await make("POST", "/firewalls", { name: "f", rules: [{ ...ssh, port }] });
  });

  it("is applied to servers directly, and may not be deleted until removed", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "firewall", "/firewalls", { name: "f" });
    const server = await newServer(cloud);
    const target = [{ type: "server", server: { id: server } }];
    await cloud.make("POST", `/firewalls/${id}/actions/apply_to_resources`, { apply_to: target });
    expect((await serverOf(cloud, server)).public_net.firewalls).toEqual([{ id, status: "applied" }]);
    expect(await cloud.make("GET", `/firewalls/${id}`)).toMatchObject({ firewall: { applied_to: target } });
    expect((await cloud.refused("DELETE", `/firewalls/${id}`)).error).toBe("422 resource_in_use");
    await cloud.make("POST", `/firewalls/${id}/actions/remove_from_resources`, { remove_from: target });
    expect((await serverOf(cloud, server)).public_net.firewalls).toEqual([]);
    expect((await cloud.call("DELETE", `/firewalls/${id}`)).status).toBe(204);
  });

  it("is let go when its server is deleted", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "firewall", "/firewalls", { name: "f" });
    const server = await newServer(cloud, { firewalls: [{ firewall: id }] });
    expect((await serverOf(cloud, server)).public_net.firewalls).toHaveLength(1);
    await cloud.make("DELETE", `/servers/${server}`);
    expect((await cloud.call("DELETE", `/firewalls/${id}`)).status).toBe(204);
  });

  it("follows labels", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud, { labels: { role: "web" } });
    const selected = { type: "label_selector", label_selector: { selector: "role=web" } };
    const id = await idOf(cloud, "firewall", "/firewalls", { name: "f", apply_to: [selected] });
    expect(await cloud.make("GET", `/firewalls/${id}`)).toMatchObject({
      firewall: { applied_to: [{ ...selected, applied_to_resources: [{ server: { id: server } }] }] },
    });
    expect((await serverOf(cloud, server)).public_net.firewalls).toHaveLength(1);
    await cloud.make("PUT", `/servers/${server}`, { labels: { role: "db" } });
    expect((await serverOf(cloud, server)).public_net.firewalls).toEqual([]);
    expect((await cloud.refused("DELETE", `/firewalls/${id}`)).error).toBe("422 resource_in_use");
    const remove = { remove_from: [{ ...selected, applied_to_resources: [] }] };
    await cloud.make("POST", `/firewalls/${id}/actions/remove_from_resources`, remove);
    expect((await cloud.call("DELETE", `/firewalls/${id}`)).status).toBe(204);
  });

  it("refuses servers that do not exist, malformed selectors, and a sixth on one server", async () => {
    const cloud = await startTestCloud();
    const server = await newServer(cloud);
    const apply_to = [{ type: "server", server: { id: server } }];
    const missing = [{ type: "server", server: { id: 1 } }];
    expect((await cloud.refused("POST", "/firewalls", { name: "x", apply_to: missing })).error).toBe(
      "422 firewall_resource_not_found",
    );
    const malformed = [{ type: "label_selector", label_selector: { selector: "a b" } }];
    expect((await cloud.refused("POST", "/firewalls", { name: "x", apply_to: malformed })).error).toBe(
      "422 invalid_input",
    );
    for (const name of ["a", "b", "c", "d", "e"]) {
      await cloud.make("POST", "/firewalls", { name, apply_to });
    }
    expect((await cloud.refused("POST", "/firewalls", { name: "f", apply_to })).error).toBe(
      "403 resource_limit_exceeded",
    );
    expect(cloud.cloud.inventory().filter(({ kind }) => kind === "firewalls")).toHaveLength(5);
  });

  it("is neither applied to nor removed from a server that is locked or not there", async () => {
    const cloud = await startTestCloud({ actionMs: 300 });
    const id = await idOf(cloud, "firewall", "/firewalls", { name: "f" });
    const server = await newServer(cloud);
    await cloud.call("POST", `/servers/${server}/actions/reset`);
    const act = (verb: string, body: object) =>
      cloud.refused("POST", `/firewalls/${id}/actions/${verb}`, body);
    const target = [{ type: "server", server: { id: server } }];
    expect((await act("apply_to_resources", { apply_to: target })).error).toBe("423 locked");
    expect((await act("remove_from_resources", { remove_from: target })).error).toBe("423 locked");
    const missing = [{ type: "server", server: { id: 1 } }];
    expect((await act("remove_from_resources", { remove_from: missing })).error).toBe(
      "422 firewall_resource_not_found",
    );
    expect(await cloud.make("GET", `/firewalls/${id}`)).toMatchObject({ firewall: { applied_to: [] } });
  });
});
