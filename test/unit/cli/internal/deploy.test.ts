import { describe, expect, it } from "vitest";
import { parseDeploySpec } from "../../../../cli/internal/deploy.ts";
import { defaultHealth, defaultPreDeploy } from "../../../../model/config/settings/health.ts";
import type { DeploySpec } from "../../../../model/protocol/deploy.ts";
import { unevaluatedSystem } from "../../../../model/protocol/unevaluated-system.ts";

const spec: DeploySpec = {
  version: 1,
  stack: "fleet/prod",
  host: "web",
  aliases: [],
  connection: { address: "198.51.100.7", port: 22, user: "root", privateKey: "very-secret-key" },
  hostKey: "ssh-ed25519 AAAA",
  system: { ...unevaluatedSystem("/nix/store/a", "x86_64-linux"), toplevelDerivation: "/nix/store/a.drv" },
  acceptDiskLayout: false,
  build: { on: "auto" },
  cache: { push: null, signingKey: null },
  goal: "switch",
  update: "u1",
  preDeploy: defaultPreDeploy,
  health: defaultHealth,
  generations: { keep: 3 },
  reboot: "never",
  drain: null,
  deadlines: { contact: 1, lock: 1, build: 1, copy: 1, activate: 1, confirm: 1, reboot: 1 },
  logDirectory: "/logs",
};

describe("parseDeploySpec", () => {
  it("reads what the program sends", () => {
    expect(parseDeploySpec(JSON.stringify(spec))).toEqual(spec);
  });

  it("lists all errors with their paths, and no value", () => {
    const invalid = {
      ...spec,
      goal: "dance",
      surplus: 1,
      connection: { ...spec.connection, port: 0, privateKey: 5, user: "very-secret-user" },
      deadlines: { ...spec.deadlines, confirm: 0 },
    };
    const read = () => parseDeploySpec(JSON.stringify(invalid));
    expect(read).toThrow(/connection\.port: [\s\S]*connection\.privateKey: /);
    expect(read).toThrow(/goal: /);
    expect(read).toThrow(/deadlines\.confirm: /);
    expect(read).toThrow(/surplus/);
    expect(read).not.toThrow(/very-secret/);
  });

  it("does not repeat what is not JSON", () => {
    expect(() => parseDeploySpec('{"privateKey": "very-secret')).toThrow(/\(document\)/);
    expect(() => parseDeploySpec('{"privateKey": "very-secret')).not.toThrow(/very-secret/);
  });
});
