import { customFacts, type ProgramFacts } from "./components/facts/custom-facts.ts";
import { factsOutput } from "./components/facts/facts-output.ts";
import { loadBalancerOutputs } from "./components/load-balancer/load-balancers.ts";
import { credentialsOutput, hostOutputs, nextStepsOutput } from "./components/outputs.ts";
import { finishPreview } from "./components/preview/host-preview.ts";
import { planHosts } from "./components/program/plan-hosts.ts";
import { startRun } from "./components/program/program-run.ts";
import { createHosts } from "./components/rollout/rollout.ts";
import { readInventory } from "./components/validate/read-inventory.ts";

/** Facts of your own in addition to `fleet:facts`: any Output of this program by name, `config.fleet.facts.<name>` on the hosts. */
const programFacts: ProgramFacts = {};

// Reads the configuration and checks it against flakes, clouds and state: an error ends the run before anything is registered.
const run = await startRun();
const inventory = await readInventory(run);
const ownFacts = await customFacts(inventory.customFacts, programFacts);

// Registers what hosts share, then one Host a host, with gates between the waves.
const plan = planHosts(run, inventory, ownFacts);
const components = createHosts(plan);

/** Per host: provider, id, addresses, system, age recipient, host key, ssh command. */
export const hosts = hostOutputs(inventory, components);
/** Per load balancer: id, addresses, targets. */
export const loadBalancers = loadBalancerOutputs({ ...plan, hosts: components });
/** What the `fleet` command needs to log in. Secret. */
export const credentials = credentialsOutput(plan.deployKey, inventory, plan.secrets);
/** What `fleet facts` prints and writes. Secret only so that it is not printed with every update: it holds none. */
export const facts = factsOutput(plan.facts, inventory, run.projectRoot);
/** What to type now. */
export const nextSteps = nextStepsOutput(inventory);
await Promise.all([finishPreview(plan.preview), ...Object.values(ownFacts)]);
