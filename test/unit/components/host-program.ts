import * as pulumi from "@pulumi/pulumi";
import { DeployKey } from "../../../components/deploy-key.ts";
import { FactBook } from "../../../components/fact-book.ts";
import { Host } from "../../../components/host.ts";
import { createSurveys } from "../../../components/host-survey.ts";
import { privateNetworks } from "../../../components/network/private-networks.ts";
import { placementsOf } from "../../../components/placement/placements.ts";
import { Secrets } from "../../../components/secrets.ts";
import { parseConfiguration } from "../../../fleet/config/parse.ts";
import { buildInventory } from "../../../fleet/inventory/inventory.ts";
import { staticFacts } from "../../../fleet/inventory/static-facts.ts";
import { cacheRoot, type Recording, recordProgram } from "./mock-engine.ts";

/** System that every host is to run. */
export const toplevel = `/nix/store/${"a".repeat(32)}-nixos-system-web`;
export const system = {
  toplevel,
  toplevelDerivation: `${toplevel}.drv`,
  disko: null,
  diskoDerivation: null,
  diskoWithoutTools: null,
  diskLayout: null,
  traits: null,
  platform: "x86_64-linux",
  installable: null,
  revision: null,
  dirty: false,
} as const;

const installsOnRecord = Promise.resolve(null);
/** Evaluation is tested with the real Nix elsewhere; here it only has to be asked. */
const evaluator = {
  evaluateHost: async () => ({ kind: "known", system, usedFacts: [], cached: true, warnings: [] }) as const,
};

/** Registers host `web` with these settings against the mock engine. */
export async function registerHost(
  settings: Record<string, unknown>,
  { networks = {} }: { networks?: Record<string, unknown> } = {},
): Promise<Recording> {
  const raw = {
    "hcloud:token": "t",
    "scaleway:accessKey": "a",
    "scaleway:secretKey": "s",
    "scaleway:projectId": "p",
    "fleet:hosts": JSON.stringify({ web: settings }),
    "fleet:secrets": '{"web-disk":"open sesame"}',
    "fleet:networks": JSON.stringify(networks),
  };
  pulumi.runtime.setAllConfig(raw, ["fleet:secrets"]);
  const inventory = buildInventory(parseConfiguration(raw, {}, { isSecret: () => true, plain: [] }));
  return recordProgram(() => {
    const deployKey = new DeployKey("deploy-key", {
      hetznerName: "nixos-fleet-test",
      scalewayName: settings["provider"] === "scaleway" ? "nixos-fleet-test" : null,
      protect: true,
    });
    const facts = new FactBook(staticFacts(inventory, "nixos-fleet/test", "test"));
    const keys = deployKey.publicKey.apply((key) => [key]);
    facts.provide("deployKeys", keys, "");
    const secrets = new Secrets();
    const shared = { stack: "nixos-fleet/test", projectRoot: "/project", machines: null };
    const surveys = createSurveys(inventory, cacheRoot, Promise.resolve(null));
    const shown = { shownWarnings: new Set<string>() };
    const about = { ...shared, ...shown, installsOnRecord, registered: new Map(), surveys };
    const networks = privateNetworks(inventory.networks, "nixos-fleet/test");
    const placements = placementsOf(inventory.hosts, "nixos-fleet/test");
    const context = { ...about, inventory, deployKey, networks, placements, secrets, facts, evaluator };
    for (const host of inventory.hosts) new Host(host, context);
  });
}
