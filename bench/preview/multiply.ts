import { z } from "zod";

const stateSchema = z.looseObject({
  deployment: z.looseObject({ resources: z.array(z.looseObject({ urn: z.string() })) }),
});
export type ExportedState = z.infer<typeof stateSchema>;

/** What `pulumi stack export` printed. */
export function exportedState(text: string): ExportedState {
  return stateSchema.parse(JSON.parse(text));
}

/**
 * A state with other hosts of the same making: the resources of each model are repeated under new names, those that belong to no host
 * stay. Ids and secrets are those of the models: no such machines exist.
 * @param names of new hosts, by the name of the model, which no other text in the state may contain
 */
export function multiplied(
  state: ExportedState,
  names: Readonly<Record<string, readonly string[]>>,
): ExportedState {
  const models = Object.keys(names);
  const ofModel = (urn: string) => models.find((model) => belongsTo(urn, model));
  const { resources } = state.deployment;
  const shared = resources.filter(({ urn }) => ofModel(urn) === undefined);
  const copies = models.flatMap((model) => {
    const text = JSON.stringify(resources.filter(({ urn }) => ofModel(urn) === model));
    return (names[model] ?? []).flatMap((name) =>
      stateSchema.shape.deployment.shape.resources.parse(JSON.parse(text.replaceAll(model, name))),
    );
  });
  return { ...state, deployment: { ...state.deployment, resources: [...shared, ...copies] } };
}

/** A state without one resource. */
export function without(state: ExportedState, name: string): ExportedState {
  const resources = state.deployment.resources.filter(({ urn }) => !urn.endsWith(`::${name}`));
  return { ...state, deployment: { ...state.deployment, resources } };
}

function belongsTo(urn: string, host: string): boolean {
  const name = urn.split("::").at(-1) ?? "";
  return name === host || name.startsWith(`${host}-`);
}
