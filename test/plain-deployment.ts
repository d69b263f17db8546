import { defaultHealth, defaultPreDeploy } from "../model/config/settings/health.ts";
import { noPublication } from "../model/protocol/binary-cache.ts";
import type { DeploymentSettings, DeploySpec } from "../model/protocol/deploy.ts";

/** What is configured where nothing is. */
export const plainSettings: DeploymentSettings = {
  preDeploy: defaultPreDeploy,
  health: defaultHealth,
  generations: { keep: 10 },
  reboot: "never",
  drain: null,
};

/** A deployment with nothing special to it. */
export const plainDeployment = {
  aliases: [],
  acceptDiskLayout: false,
  build: { on: "auto" },
  cache: noPublication,
  goal: "switch",
  update: null,
  ...plainSettings,
} satisfies Partial<DeploySpec>;
