import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fingerprint } from "../../../../runtime/ssh/fingerprint.ts";
import { hostAlias } from "../../../../runtime/ssh/host-alias.ts";
import { knownHosts, newConnectionOptions, sharedOptions } from "../../../../runtime/ssh/options.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const files = { identity: "/tmp/f/id", knownHosts: "/tmp/f/known_hosts", controlSocket: "/tmp/f/c" };
const target = (address: string) => ({
  host: "web",
  connection: { address, port: 2222, user: "root", privateKey: "secret" },
  hostKeys: [`${key} a comment`],
});

/** What the real ssh makes of the options. */
function settings(args: readonly string[]): Map<string, string> {
  const output = execFileSync("ssh", [...args, "-G", "root@fleet-web"], { encoding: "utf8" });
  return new Map(
    output
      .split("\n")
      .map((line): [string, string] => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]),
  );
}

test.each(["198.51.100.7", "2001:db8::7", "fe80::7%eth0", "host.example.org"])(
  "ssh understands address %s",
  (address) => {
    const seen = settings(newConnectionOptions(target(address), files));
    expect(seen.get("hostname")).toBe(address);
    expect(seen.get("port")).toBe("2222");
    expect(seen.get("hostkeyalias")).toBe("fleet-web");
    expect(seen.get("stricthostkeychecking")).toBe("true");
    expect(seen.get("userknownhostsfile")).toBe("/tmp/f/known_hosts");
    expect(seen.get("identityfile")).toBe("/tmp/f/id");
    expect(seen.get("identitiesonly")).toBe("yes");
    expect(seen.get("identityagent")).toBe("none");
    expect(seen.get("batchmode")).toBe("yes");
    expect(seen.has("controlpath")).toBe(false);
  },
);

test("shared options add nothing but the control socket", () => {
  expect(settings(sharedOptions(target("198.51.100.7"), files)).get("controlpath")).toBe("/tmp/f/c");
});

test("no option holds a secret or a blank", () => {
  for (const option of sharedOptions(target("198.51.100.7"), files)) expect(option).toMatch(/^[^\s]+$/);
  expect(sharedOptions(target("198.51.100.7"), files).join(" ")).not.toContain("secret");
});

test("known_hosts holds alias and key, no comment", () => {
  expect(knownHosts(target("x"))).toBe(`fleet-web ${key}\n`);
});

test.each(["", "-oProxyCommand=x", "a b", "a/b"])("%j is refused as a host name", (host) => {
  expect(() => hostAlias(host)).toThrow("is not a valid host name");
});

test("the fingerprint is the one ssh-keygen prints", () => {
  const printed = execFileSync("ssh-keygen", ["-l", "-f", "-"], { input: `${key}\n`, encoding: "utf8" });
  expect(printed.split(" ")[1]).toBe(fingerprint(key));
});
