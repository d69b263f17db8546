import { expect, test } from "vitest";
import { installsOf } from "../../../../../runtime/pulumi/state/installs.ts";

const resource = (name: string, triggers: unknown, changes: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos-fleet:index:Host$command:local:Command::${name}`,
  type: "command:local:Command",
  inputs: { triggers, create: "…" },
  ...changes,
});
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });

test("installs by name, with server and token", () => {
  const found = installsOf(
    exported(
      resource("web-install-run", ["17", "once more"]),
      resource("db-install-run", ["18", ""]),
      resource("db-deployment-run", ["/nix/store/x", "switch", "", "i"]),
      resource("gone-install-run", ["19", ""], { delete: true }),
      resource("odd-install-run", { secret: true }),
      resource("bare-install-run", undefined, { inputs: undefined }),
      { urn: "urn:pulumi:prod::fleet::pulumi:pulumi:Stack::s", type: "pulumi:pulumi:Stack", inputs: {} },
      resource("other-install-run", ["1", ""], { type: "command:remote:Command" }),
    ),
  );
  expect([...found]).toEqual([
    ["web-install-run", { serverId: "17", reinstall: "once more" }],
    ["db-install-run", { serverId: "18", reinstall: null }],
  ]);
});

test("a stack without resources knows none", () => {
  expect(installsOf(exported()).size).toBe(0);
  expect(installsOf('{"deployment":null}').size).toBe(0);
  expect(installsOf('{"deployment":{}}').size).toBe(0);
});
