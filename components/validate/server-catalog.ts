import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  type Choice,
  choiceOf,
  type HetznerChoice,
  isSameChoice,
  matchesExisting,
  type ScalewayChoice,
} from "../../model/cloud-catalog/choice.ts";
import { validateHetznerChoice } from "../../model/cloud-catalog/hetzner.ts";
import type { InvalidChoice } from "../../model/cloud-catalog/invalid-choice.ts";
import { validateScalewayChoice } from "../../model/cloud-catalog/scaleway.ts";
import type { HetznerCredentials } from "../../model/config/credentials/hetzner.ts";
import type { ScalewayCredentials } from "../../model/config/credentials/scaleway.ts";
import type { ConfigError } from "../../model/errors/config-error.ts";
import type { Inventory } from "../../model/inventory/inventory.ts";
import { HostNames } from "../../model/naming/host-names.ts";
import { ApiError } from "../../runtime/cloud/hetzner/api.ts";
import { fetchHetznerCatalog } from "../../runtime/cloud/hetzner/server-catalog.ts";
import { ScalewayError } from "../../runtime/cloud/scaleway/request.ts";
import { fetchScalewayCatalog } from "../../runtime/cloud/scaleway/server-catalog.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { validatedServers } from "../../runtime/pulumi/validated-choices.ts";
import type { StateReader } from "../state/current-state.ts";
import { deduplicateErrors } from "./deduplicate-errors.ts";

/** Each question with its retries: nothing that cannot be found out later is worth a longer wait. */
export const requestTimeoutSeconds = 20;

export const rejectedTokenError: ConfigError = {
  path: "hcloud:token",
  reason: "is refused by Hetzner: it is wrong, or was deleted",
};

/** Who asks, and where what was found out is kept. */
export interface CloudValidationContext {
  readonly state: StateReader;
  readonly cacheRoot: string;
  readonly hetzner: HetznerCredentials | undefined;
  readonly scaleway: ScalewayCredentials | undefined;
}

/** A host whose choice is not verified yet. */
interface NewChoice<T extends Choice> {
  readonly host: string;
  readonly choice: T;
  /** What its server was created with. */
  readonly before: Choice | undefined;
}

/**
 * Asks the clouds, before anything is registered, whether they have what hosts want of them. Only hosts that are new, or want something
 * else than before, are asked for: with nothing changed no request is sent. A cloud that gives no answer is warned of, no more.
 */
export async function validateServerTypes(
  inventory: Inventory,
  clouds: CloudValidationContext,
): Promise<ConfigError[]> {
  const wanted = new Map(
    inventory.hosts.flatMap((host) => {
      const choice = choiceOf(host);
      return choice === undefined ? [] : [[host, choice] as const];
    }),
  );
  const place = { cacheRoot: clouds.cacheRoot, environment: pulumi.getStack() };
  const known = (await validatedServers.read(place)) ?? {};
  const unknown = [...wanted].filter(([{ name }, choice]) => !isSameChoice(choice, known[name]));
  if (unknown.length === 0) return [];
  const recorded = await clouds.state();
  if (typeof recorded === "string") {
    await pulumi.log.warn(`not checked whether the clouds offer what hosts need: ${recorded}`);
    return [];
  }
  const asked = unknown
    .map(([host, choice]) => ({ host: host.name, choice, before: recorded.host(new HostNames(host)).server }))
    .filter(({ choice, before }) => !matchesExisting(choice, before));
  const answers = await Promise.all([
    askHetzner(asked.filter(isHetzner), clouds.hetzner),
    askScaleway(asked.filter(isScaleway), clouds.scaleway),
  ]);
  const given = answers.flat();
  if (given.length === 0)
    await validatedServers.write(
      place,
      Object.fromEntries([...wanted].map(([{ name }, choice]) => [name, choice])),
    );
  return deduplicateErrors(given.filter((error) => error !== null));
}

function isHetzner(asked: NewChoice<Choice>): asked is NewChoice<HetznerChoice> {
  return asked.choice.provider === "hetzner";
}

function isScaleway(asked: NewChoice<Choice>): asked is NewChoice<ScalewayChoice> {
  return asked.choice.provider === "scaleway";
}

/** null: there was no answer. */
type Answer = readonly (ConfigError | null)[];

async function askHetzner(
  asked: readonly NewChoice<HetznerChoice>[],
  credentials: HetznerCredentials | undefined,
): Promise<Answer> {
  if (asked.length === 0 || credentials === undefined) return [];
  try {
    const offers = await fetchHetznerCatalog(credentials, { timeoutSeconds: requestTimeoutSeconds });
    return asked.flatMap(({ host, choice, before }) =>
      choiceErrors(
        host,
        validateHetznerChoice(choice, offers, before?.provider === "hetzner" ? before : undefined),
      ),
    );
  } catch (error) {
    if (error instanceof ApiError && error.code === "unauthorized") return [rejectedTokenError];
    return [await warnUnanswered("Hetzner", error)];
  }
}

async function askScaleway(
  asked: readonly NewChoice<ScalewayChoice>[],
  access: ScalewayCredentials | undefined,
): Promise<Answer> {
  if (access === undefined) return [];
  const zones = [...new Set(asked.flatMap(({ choice }) => choice.zones))];
  try {
    const answers = zones.map(async (zone) => {
      const here = asked.filter(({ choice }) => choice.zones.includes(zone));
      const labels = [...new Set(here.map(({ choice }) => choice.image))];
      const offers = await fetchScalewayCatalog(access, {
        zone,
        labels,
        timeoutSeconds: requestTimeoutSeconds,
      });
      return here.flatMap(({ host, choice, before }) =>
        choiceErrors(
          host,
          validateScalewayChoice(choice, zone, offers, before?.provider === "scaleway" ? before : undefined),
        ),
      );
    });
    return (await Promise.all(answers)).flat();
  } catch (error) {
    if (error instanceof ScalewayError && error.denied)
      return [{ path: "scaleway:secretKey", reason: "is refused by Scaleway: it is wrong, or was deleted" }];
    return [await warnUnanswered("Scaleway", error)];
  }
}

function choiceErrors(host: string, wrong: readonly InvalidChoice[]): ConfigError[] {
  return wrong.map(({ setting, reason }) => ({ path: `fleet:hosts.${host}.${setting}`, reason }));
}

/** What a cloud does not have it refuses itself, later: an answer that is not understood must not stop a deployment. */
export async function warnUnanswered(
  cloud: string,
  error: unknown,
  what = "places, types and images that hosts want",
): Promise<null> {
  if (!(error instanceof StepError || error instanceof z.ZodError || error instanceof SyntaxError))
    throw error;
  const seen = error instanceof StepError ? error.failure.seen : "an answer of another shape";
  await pulumi.log.warn(
    `${cloud} could not be asked whether it has the ${what}: ${seen}. What it does not have fails later`,
  );
  return null;
}
