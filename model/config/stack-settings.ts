import type { z } from "zod";
import { defaultProvider, type Provider } from "./providers.ts";
import type { HostConfig, HostSettings, sshSchema } from "./schema.ts";

/** What the stack says for all its hosts. */
export interface StackSettings {
  readonly defaults: HostSettings;
  readonly ssh: z.infer<typeof sshSchema>;
}

/** Where a host's machine comes from: the host's word, the stack's, or ours. */
export function providerOf(host: HostConfig, { defaults }: StackSettings): Provider {
  return host.provider ?? defaults.provider ?? defaultProvider;
}
