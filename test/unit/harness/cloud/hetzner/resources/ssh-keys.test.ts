import { describe, expect, it } from "vitest";
import { idOf, newServer, startTestCloud } from "../client.ts";

const line =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGVYt0Zvu7vJ4VNMv8i0Q8ZvJpHY2hEJ6YpWOqgJqcU someone@example.org";
// From `ssh-keygen -l -E md5`.
const fingerprint = "08:c4:40:0a:67:ed:aa:d1:80:8a:33:52:2f:ab:8d:ce";

describe("/ssh_keys", () => {
  it("keeps the key and computes the fingerprint OpenSSH shows", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "ssh_key", "/ssh_keys", {
      name: "a",
      public_key: `${line}\n`,
      labels: { x: "1" },
    });
    expect(await cloud.make("GET", `/ssh_keys/${id}`)).toMatchObject({
      ssh_key: { id, name: "a", public_key: line, fingerprint, labels: { x: "1" } },
    });
    expect(await cloud.make("GET", `/ssh_keys?fingerprint=${fingerprint}`)).toMatchObject({
      ssh_keys: [{ id }],
    });
    expect(await cloud.make("GET", "/ssh_keys?fingerprint=00")).toMatchObject({ ssh_keys: [] });
  });

  it("renames and relabels, and deletes", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "ssh_key", "/ssh_keys", { name: "a", public_key: line });
    expect(await cloud.make("PUT", `/ssh_keys/${id}`, { name: "b" })).toMatchObject({
      ssh_key: { name: "b", labels: {} },
    });
    expect(await cloud.make("PUT", `/ssh_keys/${id}`, { labels: { y: "2" } })).toMatchObject({
      ssh_key: { name: "b", labels: { y: "2" } },
    });
    expect((await cloud.call("DELETE", `/ssh_keys/${id}`)).status).toBe(204);
    expect((await cloud.refused("DELETE", `/ssh_keys/${id}`)).error).toBe("404 not_found");
    expect(cloud.cloud.inventory()).toEqual([]);
  });

  it("refuses a name or key that is there already", async () => {
    const cloud = await startTestCloud();
    await idOf(cloud, "ssh_key", "/ssh_keys", { name: "a", public_key: line });
    const other = line.replace("AAAAIHGV", "AAAAIHGW");
    expect((await cloud.refused("POST", "/ssh_keys", { name: "a", public_key: other })).error).toBe(
      "409 uniqueness_error",
    );
    expect((await cloud.refused("POST", "/ssh_keys", { name: "b", public_key: line })).fields).toEqual([
      "fingerprint",
    ]);
    const id = await idOf(cloud, "ssh_key", "/ssh_keys", { name: "b", public_key: other });
    expect((await cloud.refused("PUT", `/ssh_keys/${id}`, { name: "a" })).error).toBe("409 uniqueness_error");
    await cloud.make("PUT", `/ssh_keys/${id}`, { name: "b" });
  });

  it.each([
    "",
    "ssh-ed25519",
    "ssh-ed25519 AAAA",
    line.replace("ssh-ed25519", "ssh-rsa"),
    "ssh-dss AAAAB3NzaC1kc3M=",
  ])("refuses '%s'", async (key) => {
    const { refused } = await startTestCloud();
    expect((await refused("POST", "/ssh_keys", { name: "a", public_key: key })).fields).toEqual([
      "public_key",
    ]);
  });

  it("is installed on servers that name it by id or name", async () => {
    const cloud = await startTestCloud();
    const id = await idOf(cloud, "ssh_key", "/ssh_keys", { name: "a", public_key: line });
    await newServer(cloud, { name: "one", ssh_keys: [id] });
    await newServer(cloud, { name: "two", ssh_keys: ["a"] });
    await newServer(cloud, { name: "three" });
    const keys = [...cloud.machines.machines.values()].map(({ spec }) => spec.authorizedKeys);
    expect(keys).toEqual([[line], [line], []]);
    const body = { name: "four", server_type: "cx23", image: "debian-12", ssh_keys: ["b"] };
    expect((await cloud.refused("POST", "/servers", body)).fields).toEqual(["ssh_keys"]);
  });
});
