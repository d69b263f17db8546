import { z } from "zod";

const port = z.number().int().min(0).max(65535);
const ranges = z.array(z.strictObject({ from: port, to: port }));
const openedSchema = z.strictObject({ tcp: ranges, udp: ranges });

/** What a NixOS configuration's own firewall lets in (`runtime/nix/evaluation/wrapper/open-ports.nix`). */
export const openPortsSchema = z.strictObject({
  /** `networking.firewall.enable`: false, and the rest says nothing of what is reachable. */
  enable: z.boolean(),
  /** Through every interface. */
  everywhere: openedSchema,
  /** Through single interfaces, in addition, by their names. */
  interfaces: z.record(z.string(), openedSchema),
});
export type OpenPorts = z.infer<typeof openPortsSchema>;
