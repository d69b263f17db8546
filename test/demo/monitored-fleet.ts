import { cpSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import type { TestProject } from "../harness/project/project.ts";

/** Of the stack: a web server and its database in a private network, and a host that watches both. */
export const fleetNetworks = { internal: { range: "10.0.0.0/16", subnet: "10.0.1.0/24" } };
export const fleetHosts = {
  web: { networks: { internal: "10.0.1.2" }, tags: ["monitored"], firewall: { tcp: [80] } },
  db: { networks: { internal: "10.0.1.3" }, tags: ["monitored"] },
  monitor: { networks: { internal: "10.0.1.4" }, tags: ["monitored", "monitoring"] },
};

/** Puts the configurations of these hosts into a project's flake, with the modules of `hosts/` that they import. */
export async function layOutFleet({ hosts, editHosts }: TestProject): Promise<void> {
  cpSync(path.join(packageRoot(), "hosts", "modules", "metrics"), path.join(hosts, "metrics"), {
    recursive: true,
  });
  cpSync(path.join(packageRoot(), "test", "demo", "hosts"), hosts, { recursive: true });
  editHosts("flake.nix", "db = host ./db;", "db = host ./db;\n        monitor = host ./monitor;");
  await execa("git", ["-C", hosts, "add", "--all"]);
}

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.object({ host: z.string() }), scrapeUrl: z.string(), health: z.string() }),
    ),
  }),
});

/** One thing that Prometheus scrapes. `health`: `up`, `down`, or `unknown` before the first time. */
export interface ScrapeTarget {
  readonly host: string;
  readonly url: string;
  readonly health: string;
}

/** @param answer of Prometheus' `/api/v1/targets`, as JSON @returns targets by the names of their hosts */
export function scrapeTargets(answer: string): ScrapeTarget[] {
  return targetsSchema
    .parse(JSON.parse(answer))
    .data.activeTargets.map(({ labels, scrapeUrl, health }) => ({
      host: labels.host,
      url: scrapeUrl,
      health,
    }))
    .sort((a, b) => a.host.localeCompare(b.host));
}
