import { z } from "zod";
import { connectionSchema, publicKeySchema } from "./connection.ts";
import { installDeadlinesSchema } from "./install.ts";

/**
 * Standard input of `fleet internal take-over`, one JSON document: takes over a NixOS that runs already. Holds the deploy key. Its
 * result has the form of an install's.
 */
export const takeOverSpecSchema = z.strictObject({
  version: z.literal(1),
  /** Fully named Pulumi stack, `project/stack`: who will own the host. */
  stack: z.string().min(1),
  host: z.string().min(1),
  /** Former names of this host, whose identity is accepted as its own. */
  aliases: z.array(z.string()),
  connection: connectionSchema,
  /** The machine's own host key, which it keeps. */
  hostKey: publicKeySchema,
  deadlines: installDeadlinesSchema,
  /** Folder for full logs, absolute. */
  logDirectory: z.string().startsWith("/"),
});
export type TakeOverSpec = z.infer<typeof takeOverSpecSchema>;
