import { z } from "zod";
import type { ScalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import { askScaleway } from "./request.ts";

/** The most the API gives at once. */
const pageSize = 100;

/**
 * Asks for all pages of a map of server types.
 * @param one what each of them is
 * @throws ScalewayError
 */
export async function askForTypes<One extends z.ZodType>(
  access: ScalewayCredentials,
  {
    what,
    path,
    timeoutSeconds,
  }: { readonly what: string; readonly path: string; readonly timeoutSeconds: number },
  one: One,
): Promise<ReadonlyMap<string, z.output<One>>> {
  const schema = z.object({ servers: z.record(z.string(), one) });
  const all = new Map<string, z.output<One>>();
  for (let page = 1, total = 1; all.size < total; page += 1) {
    const answer = await askScaleway(
      access,
      { what, path: `${path}?page=${page}&per_page=${pageSize}` },
      { timeoutSeconds },
    );
    const found = Object.entries(schema.parse(answer.document).servers);
    for (const [name, type] of found) all.set(name, type);
    // A page may be smaller than asked for.
    total = found.length === 0 ? all.size : (answer.total ?? all.size + 1);
  }
  return all;
}
