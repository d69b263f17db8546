import { z } from "zod";
import { choiceSchema } from "../../model/cloud-catalog/choice.ts";
import { balancerChoiceSchema } from "../../model/cloud-catalog/load-balancer.ts";
import { stackCache } from "../platform/stack-cache.ts";

/** What hosts took of their cloud's offers when it was last found right, by host. */
export const validatedServers = stackCache("_offers", z.record(z.string(), choiceSchema));

/** The same of load balancers, by balancer. */
export const validatedLoadBalancers = stackCache("_balancers", z.record(z.string(), balancerChoiceSchema));
