import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { evaluationWithoutNix } from "./components/evaluation/evaluation-backend.ts";
import { customFacts, type ProgramFacts } from "./components/facts/custom-facts.ts";
import { factsOutput } from "./components/facts/facts-output.ts";
import { fleetFacts } from "./components/facts/fleet-facts.ts";
import { DeployKey } from "./components/identity/deploy-key.ts";
import { loadBalancerOutputs } from "./components/load-balancer/load-balancers.ts";
import { privateNetworks } from "./components/network/private-networks.ts";
import { credentialsOutput, hostOutputs, nextStepsOutput } from "./components/outputs.ts";
import { createPlacementGroups } from "./components/placement/placement-groups.ts";
import { createPreview, finishPreview } from "./components/preview/host-preview.ts";
import { createHosts } from "./components/rollout/rollout.ts";
import { Secrets } from "./components/shared/secrets.ts";
import { readCurrentState } from "./components/state/current-state.ts";
import { RecordedHosts } from "./components/state/recorded-hosts.ts";
import { readInventory } from "./components/validate/read-inventory.ts";
import type { Provider } from "./model/config/providers.ts";
import { createEvaluator } from "./runtime/nix/evaluation/evaluator.ts";

/** Facts of your own beside `fleet:facts`: any Output of this program by name, `config.fleet.facts.<name>` on the hosts. */
const programFacts: ProgramFacts = {};

const project = pulumi.getProject();
const environment = pulumi.getStack();
const stack = `${project}/${environment}`;
const projectRoot = process.cwd();
const cacheRoot = path.join(projectRoot, ".fleet", "cache");

const state = readCurrentState(projectRoot);
const inventory = await readInventory({ projectRoot, cacheRoot }, state);
const ownFacts = await customFacts(inventory.customFacts, programFacts);
/** Name of the deploy key at a cloud, if a host is there. */
const nameAt = (cloud: Provider) =>
  inventory.hosts.some((host) => host.provider === cloud) ? `${project}-${environment}` : null;
const deployKey = new DeployKey("deploy-key", {
  hetznerName: nameAt("hetzner"),
  scalewayName: nameAt("scaleway"),
  protect: inventory.hosts.some((host) => host.protect),
});
const networks = privateNetworks(inventory.networks, stack);
const placements = createPlacementGroups(inventory.hosts, stack);
const book = fleetFacts({ inventory, deployKey }, ownFacts);
const secrets = new Secrets();
const recordedHosts = new RecordedHosts(inventory.hosts, state);
const { machines, backend } = await evaluationWithoutNix({
  inventory,
  projectRoot,
  cacheRoot,
  recordedHosts,
});
const evaluator = createEvaluator({ projectRoot, cacheRoot, ...backend });
const surveys = createPreview(inventory, cacheRoot, recordedHosts);
const context = {
  stack,
  inventory,
  recordedHosts,
  deployKey,
  networks,
  placements,
  secrets,
  facts: book,
  evaluator,
  machines,
  projectRoot,
  shownWarnings: new Set<string>(),
  surveys,
};
const components = createHosts(context);

/** Per host: provider, id, addresses, system, age recipient, host key, ssh command. */
export const hosts = hostOutputs(inventory, components);
/** Per load balancer: id, addresses, targets. */
export const loadBalancers = loadBalancerOutputs({ stack, inventory, networks, hosts: components });
/** What the `fleet` command needs to log in. Secret. */
export const credentials = credentialsOutput(deployKey, inventory, secrets);
/** What `fleet facts` prints and writes. Secret only so that it is not printed with every update: it holds none. */
export const facts = factsOutput(book, inventory, projectRoot);
/** What to type now. */
export const nextSteps = nextStepsOutput(inventory);
await Promise.all([finishPreview(surveys), ...Object.values(ownFacts)]);
