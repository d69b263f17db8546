import { z } from "zod";
import { connectionSchema, publicKeySchema } from "./connection.ts";
import { goalSchema } from "./deploy.ts";

/** One host of a wave that was deployed. */
const gateHostSchema = z.strictObject({
  host: z.string().min(1),
  connection: connectionSchema,
  hostKey: publicKeySchema,
  /** Store path it was brought to. */
  system: z.string().startsWith("/nix/store/"),
  goal: goalSchema,
});
export type GateHost = z.infer<typeof gateHostSchema>;

/** Standard input of `fleet internal gate`, one JSON document. Holds secrets. */
export const gateSpecSchema = z.strictObject({
  version: z.literal(1),
  wave: z.string().min(1),
  /** What the wave was brought to: `waveKey` of its hosts and systems. */
  key: z.string().min(1),
  /** The hosts of the wave that are always on. */
  hosts: z.array(gateHostSchema),
  /** Seconds that each host has to run its system undisturbed. */
  soakSeconds: z.number().min(0),
  /** Seconds a host may take to answer. */
  contactSeconds: z.number().positive(),
  logDirectory: z.string().startsWith("/"),
});
export type GateSpec = z.infer<typeof gateSpecSchema>;

/** Standard output of `fleet internal gate`: one JSON line, no secrets. */
export const gateResultSchema = z.strictObject({
  wave: z.string(),
  key: z.string(),
  /** How many were held to it. */
  hosts: z.number().int().nonnegative(),
  /** How often every host was checked. */
  looks: z.number().int().positive(),
  seconds: z.number(),
});
export type GateResult = z.infer<typeof gateResultSchema>;
