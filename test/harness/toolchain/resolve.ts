import path from "node:path";
import { StepError } from "../../../runtime/platform/step-error.ts";
import { completeFolder, readComplete } from "./complete-folder.ts";
import type { Component, ComponentFact, Made, Note, NotFound, SetUpContext, Way } from "./component.ts";

/** Looks for a component on the machine and among what earlier set-ups made; changes nothing. */
export async function lookFor(
  component: Component,
  context: SetUpContext,
): Promise<ComponentFact | NotFound> {
  const found: ComponentFact | NotFound = context.allowed.has("found")
    ? await component.find(context)
    : { because: "what is on the machine was not to be used" };
  if (!("because" in found)) return found;
  for (const way of allowedWays(component, context)) {
    const folder = await folderOf(way, context);
    const made = await readComplete(folder);
    if (made !== undefined) return factOf(component, way, folder, made);
  }
  return found;
}

/**
 * Gets a component, by the first of its ways that works, unless it is there.
 *
 * @throws StepError naming what was tried and why each attempt failed
 */
export async function provide(
  component: Component,
  context: SetUpContext,
  note: Note,
): Promise<ComponentFact> {
  const looked = await lookFor(component, context);
  if (!("because" in looked)) return looked;
  const tried = [looked.because];
  for (const way of allowedWays(component, context)) {
    const obstacle = await way.obstacle(context);
    context.signal.throwIfAborted();
    if (obstacle !== undefined) {
      tried.push(`cannot ${way.what}: ${obstacle}`);
      continue;
    }
    const folder = await folderOf(way, context);
    try {
      note(way.what);
      const made = await completeFolder(folder, context.signal, () => way.make(folder, context, note));
      return factOf(component, way, folder, made);
    } catch (error) {
      context.signal.throwIfAborted();
      tried.push(`could not ${way.what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new StepError({
    step: `set-up of ${component.title}`,
    seen: tried.join("\n  "),
    next: component.remedy,
  });
}

/** What set-up would do about a component that is not there, for people. */
export async function planFor(component: Component, context: SetUpContext): Promise<string> {
  const steps: string[] = [];
  for (const way of allowedWays(component, context)) {
    // The vendor is not asked: describing must not touch the network.
    const obstacle = way.origin === "official" ? undefined : await way.obstacle(context);
    if (obstacle !== undefined) continue;
    steps.push(way.what);
    if (way.origin !== "official") break;
  }
  return steps.length === 0 ? component.remedy : steps.join(", or else ");
}

function allowedWays(component: Component, context: SetUpContext): Way[] {
  return component.ways.filter((way) => context.allowed.has(way.origin));
}

async function folderOf(way: Way, context: SetUpContext): Promise<string> {
  return path.join(context.folder, await way.folderName(context));
}

function factOf(component: Component, way: Way, folder: string, made: Made): ComponentFact {
  return {
    name: component.name,
    version: made.version,
    origin: way.origin,
    path: path.join(folder, made.executable),
    ...(way.standIn === undefined ? {} : { standIn: way.standIn }),
  };
}
