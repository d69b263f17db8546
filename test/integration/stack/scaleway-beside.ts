import { z } from "zod";
import {
  type ScalewayCloud,
  type ScalewayCloudOptions,
  startScalewayCloud,
} from "../../harness/cloud/scaleway/cloud.ts";
import { hostNumber, testAddress } from "../addresses.ts";
import type { StackFixture } from "./fixture.ts";

/** What it is like, and the host numbers of its first and last address: not those of the fixture's own cloud. */
export interface ScalewayBeside extends Pick<ScalewayCloudOptions, "soldOut"> {
  readonly first?: number;
  readonly last?: number;
}

/** Starts a Scaleway beside the Hetzner of a stack's fixture: the machines of both are in one world. Close it before the fixture. */
export function startScalewayBeside(
  { machines }: Pick<StackFixture, "machines">,
  { first = 10, last = 14, ...choice }: ScalewayBeside = {},
): Promise<ScalewayCloud> {
  return startScalewayCloud({
    machines,
    bootDelayMs: 100,
    addresses: {
      ipv4: { first: testAddress(first), last: testAddress(last) },
      ipv6: `2001:db8:${(0x200 + hostNumber(first)).toString(16)}::/48`,
    },
    ...choice,
  });
}

/** Keys of a stack's configuration by which the provider finds it. */
export function scalewayConfig({ access }: ScalewayCloud): Readonly<Record<string, string>> {
  const { apiUrl, accessKey, secretKey, projectId } = access;
  return {
    "scaleway:apiUrl": apiUrl,
    "scaleway:accessKey": accessKey,
    "scaleway:secretKey": secretKey,
    "scaleway:projectId": projectId,
    "scaleway:organizationId": projectId,
  };
}

/** Somebody else at work in the same project. @returns what the API answers; throws where it refuses */
export async function askScaleway(
  { access: { apiUrl, secretKey } }: ScalewayCloud,
  path: string,
  body?: object,
  method = body === undefined ? "GET" : "POST",
): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { "x-auth-token": secretKey, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

const ipSchema = z.object({
  ip: z.object({ type: z.enum(["routed_ipv4", "routed_ipv6"]), reverse: z.string().nullable() }),
});

/** Names that the flexible addresses of a zone lead back to; null: Scaleway's own. One address of each kind. */
export async function reverseNames(
  cloud: ScalewayCloud,
  zone: string,
): Promise<{ ipv4?: string | null; ipv6?: string | null }> {
  const ips = cloud.inventory().filter(({ kind }) => kind === "ips");
  const paths = ips.map(({ id }) => `/instance/v1/zones/${zone}/ips/${id}`);
  const found = await Promise.all(
    paths.map(async (path) => ipSchema.parse(await askScaleway(cloud, path)).ip),
  );
  return Object.fromEntries(found.map(({ type, reverse }) => [type.replace("routed_", ""), reverse]));
}
