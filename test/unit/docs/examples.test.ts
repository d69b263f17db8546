import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfiguration } from "../../../model/config/parse.ts";
import type { FleetConfiguration } from "../../../model/config/schema.ts";
import { plainSecrets } from "../../../model/config/settings/secrets.ts";
import { ConfigurationError } from "../../../model/errors/config-error.ts";
import { buildInventory, type InventoryHost } from "../../../model/inventory/inventory.ts";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { codeBlocks, pages } from "./pages.ts";

const stackFile = z.strictObject({ config: z.record(z.string(), z.unknown()) });

/** Reads a stack's file as Pulumi hands it to the program: structured values as JSON. */
function configurationOf(text: string): FleetConfiguration {
  const { config } = stackFile.parse(parse(text));
  const raw = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value, decrypted),
  ]);
  const secrecy = {
    isSecret: (key: string) => JSON.stringify(config[key] ?? null).includes('"secure":'),
    plain: plainSecrets(parse(text)),
  };
  const credentials = {
    "hcloud:token": "a token",
    "scaleway:accessKey": "a key",
    "scaleway:secretKey": "its secret",
    "scaleway:projectId": "a project",
  };
  return parseConfiguration({ ...Object.fromEntries(raw), ...credentials }, {}, secrecy);
}

const encrypted = z.strictObject({ secure: z.string() });

function decrypted(_: string, value: unknown): unknown {
  return encrypted.safeParse(value).success ? "some secret text" : value;
}

describe("stack files in the documentation", () => {
  const examples = pages()
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "yaml");

  it("are there", () => {
    expect(examples.length).toBeGreaterThanOrEqual(8);
  });

  it.each(examples.map((block) => [`${block.page}:${block.line}`, block.code] as const))(
    "%s is valid",
    (_, code) => {
      expect(buildInventory(configurationOf(code)).hosts).not.toHaveLength(0);
    },
  );

  it("would not pass with a key nobody knows", () => {
    const text = "config:\n  fleet:hosts:\n    web: {serverTyp: cx23}\n";
    expect(() => configurationOf(text)).toThrow(ConfigurationError);
  });
});

const production = readFileSync(path.join(packageRoot(), "Pulumi.prod.yaml"), "utf8");
/** Once a stack has written its secrets into the file, it is somebody's own and no example any more. */
const inUse = /^encryptionsalt:|^encryptedkey:|secure:/m.test(production);

function configurationNameOf({ name, source }: InventoryHost): string {
  return source.kind === "flake" ? source.attribute : name;
}

describe.skipIf(inUse)("Pulumi.prod.yaml", () => {
  const { hosts } = buildInventory(configurationOf(production));

  it("is a fleet of three kinds", () => {
    expect(hosts.map(({ provider }) => provider).sort()).toEqual([
      "existing",
      ...Array.from({ length: 3 }, () => "hetzner"),
      ...Array.from({ length: 2 }, () => "scaleway"),
    ]);
  });

  it("protects everything, twice", () => {
    for (const host of hosts) {
      expect(host.protect, host.name).toBe(true);
      if (host.provider !== "existing") expect(host.deleteProtection, host.name).toBe(true);
      if (host.provider === "hetzner") expect(host.backups, host.name).toBe(true);
    }
  });

  it("names configurations of the flake in hosts/", () => {
    const flake = readFileSync(path.join(packageRoot(), "hosts", "flake.nix"), "utf8");
    for (const host of hosts) {
      expect(host.source).toMatchObject({ kind: "flake", flake: "./hosts" });
      const attribute = configurationNameOf(host);
      expect(flake).toMatch(new RegExp(`^\\s*${attribute} = host \\./${attribute};$`, "m"));
    }
  });

  it("opens in the cloud what the host opens itself", () => {
    for (const host of hosts) {
      if (host.provider === "existing") continue;
      const file = path.join(packageRoot(), "hosts", configurationNameOf(host), "default.nix");
      const opened = /^\s*networking\.firewall\.allowedTCPPorts = \[([\d ]*)\];$/m.exec(
        readFileSync(file, "utf8"),
      )?.[1];
      expect(host.ports.tcp, host.name).toEqual((opened ?? "").split(" ").filter((port) => port !== ""));
    }
  });
});
