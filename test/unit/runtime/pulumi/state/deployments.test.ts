import { expect, test } from "vitest";
import { commandsOf } from "../../../../../runtime/pulumi/state/commands.ts";
import { deploymentsAmong, readStackRecord } from "../../../../../runtime/pulumi/state/deployments.ts";
import { exportingPulumi } from "../../stack/exporting-pulumi.ts";

const resource = (name: string, triggers: unknown, changes: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos-fleet:index:Host$command:local:Command::${name}`,
  type: "command:local:Command",
  inputs: { triggers, create: "…" },
  ...changes,
});
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });
const system = "/nix/store/x-nixos";

test("deployed systems by name", () => {
  const found = deploymentsAmong(
    commandsOf(
      exported(
        resource("web-deployment-run", [system, "switch", "", "i"]),
        resource("web-install-run", ["17", ""]),
        resource("gone-deployment-run", [system, "switch", "", "i"], { delete: true }),
        resource("other-deployment-run", [system, "switch", "", "i"], { type: "command:remote:Command" }),
        resource("odd-deployment-run", { secret: true }),
        resource("short-deployment-run", [system]),
        resource("nowhere-deployment-run", ["x", "switch", "", "i"]),
        resource("web-deployment-ran", [system, "switch", "", "i"]),
      ),
    ),
  );
  expect([...found]).toEqual([["web-deployment-run", system]]);
});

test("a state is read once for both, and its failure is told", async () => {
  const state = exported(
    resource("web-install-run", ["17", ""]),
    resource("web-deployment-run", [system, "switch", "", "i"]),
  );
  const { folder, path, calls } = exportingPulumi("prod", state);
  const selection = { projectRoot: folder, environment: { PATH: path } };
  expect(await readStackRecord({ ...selection, stack: "prod" })).toEqual({
    installs: new Map([["web-install-run", { serverId: "17", reinstall: null }]]),
    deployments: new Map([["web-deployment-run", system]]),
  });
  expect(calls()).toHaveLength(1);
  expect(await readStackRecord(selection)).toBe("pulumi stack export failed: stack export --non-interactive");
});
