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
