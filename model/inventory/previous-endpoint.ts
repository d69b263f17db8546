import type { FleetConfiguration, HostConfig } from "../config/schema.ts";

/** Where a host was reached before it was moved; address null: at the one it has. */
export interface PreviousEndpoint {
  readonly address: string | null;
  readonly port: number;
}

/** null: it stays where it is, whatever the configuration says of its past. */
export function previousEndpoint(
  { ssh = {}, address: now }: Pick<HostConfig, "ssh" | "address">,
  stack: Pick<FleetConfiguration["ssh"], "port" | "previous">,
): PreviousEndpoint | null {
  const port = ssh.port ?? stack.port;
  const previous = {
    address: ssh.previous?.address ?? null,
    port: ssh.previous?.port ?? stack.previous?.port ?? port,
  };
  const moved = previous.port !== port || (previous.address !== null && previous.address !== now);
  return moved ? previous : null;
}
