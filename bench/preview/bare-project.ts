import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { packageRoot } from "../../runtime/platform/package-root.ts";
import { writeManifest } from "../../test/harness/project/project.ts";
import type { StackFixture } from "../../test/integration/stack/fixture.ts";
import { bareResources, writeBareResources } from "./checkpoint.ts";

/** A Pulumi project whose program registers the resources of another stack, and nothing else. */
export interface BareProject {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How many resources it registers. */
  readonly resources: number;
  remove(): void;
}

/**
 * Lays out the bare double of a stack, with the same state and the same provider configuration.
 * @param providerConfig what `Pulumi.test.yaml` says about the providers
 */
export async function createBareProject(
  fixture: StackFixture,
  providerConfig: Readonly<Record<string, unknown>>,
): Promise<BareProject> {
  const folder = `${fixture.project.folder}-bare`;
  mkdirSync(path.join(folder, "state"), { recursive: true });
  writeManifest(folder);
  const main = path.relative(folder, path.join(packageRoot(), "bench", "preview", "bare-program.mjs"));
  const manifest = { name: "bare", private: true, type: "module", main };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(folder, "Pulumi.test.yaml"), stringify({ config: providerConfig }));
  const environment = {
    ...fixture.project.environment,
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
  };
  const exported = await fixture.exportStack();
  const resources = bareResources(exported.deployment);
  writeBareResources(path.join(folder, "resources.json"), resources);
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "test", workDir: folder },
    { envVars: environment },
  );
  await stack.importStack(exported);
  return {
    folder,
    environment,
    resources: resources.length,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
