import { z } from "zod";
import type { ScalewayCredentials } from "../../../model/config/credentials/scaleway.ts";
import { type Deadline, deadlineIn } from "../../platform/deadline.ts";
import type { Limits } from "../../platform/limits.ts";
import { pollUntil } from "../../platform/poll-until.ts";
import { askScaleway, ScalewayError } from "./request.ts";

/** A server and a volume of the same zone, by their UUIDs. */
export interface VolumeRef {
  readonly zone: string;
  readonly server: string;
  readonly volume: string;
}

const pause = 0.5;

const attachedVolume = z.object({ id: z.string(), state: z.string().optional() });
const serverAnswer = z.object({ server: z.object({ volumes: z.record(z.string(), attachedVolume) }) });

/** The few calls of Scaleway's Instance API that its provider for Pulumi does not make by themselves. */
export class ScalewayApi {
  readonly #access: ScalewayCredentials;

  constructor(access: ScalewayCredentials) {
    this.#access = access;
  }

  /**
   * Attaches a block volume to a server, unless it is attached already, and waits until the server has it.
   * @throws ScalewayError
   */
  async attachVolume(place: VolumeRef, limits: Limits): Promise<void> {
    const deadline = deadlineIn(limits.timeoutSeconds);
    if ((await this.#stateOf(place, limits)) === undefined) {
      const body = { volume_id: place.volume, volume_type: "sbs_volume", boot: false };
      await askScaleway(
        this.#access,
        { what: "attach a volume", method: "POST", path: `${pathOf(place)}/attach-volume`, body },
        limits,
      );
    }
    await this.#until(deadline, "attach a volume", limits, async () => {
      const state = await this.#stateOf(place, limits);
      return state === "available" ? undefined : `it is ${state ?? "not among the instance's volumes"}`;
    });
  }

  /**
   * Takes a block volume from a server, and waits until it is gone there. Nothing to do where it is not attached, or the server gone.
   * @throws ScalewayError
   */
  async detachVolume(place: VolumeRef, limits: Limits): Promise<void> {
    const deadline = deadlineIn(limits.timeoutSeconds);
    try {
      if ((await this.#stateOf(place, limits)) === undefined) return;
      const body = { volume_id: place.volume };
      await askScaleway(
        this.#access,
        { what: "detach a volume", method: "POST", path: `${pathOf(place)}/detach-volume`, body },
        limits,
      );
      await this.#until(deadline, "detach a volume", limits, async () => {
        const state = await this.#stateOf(place, limits);
        return state === undefined ? undefined : `it is still ${state}`;
      });
    } catch (error) {
      if (!(error instanceof ScalewayError) || error.code !== "not_found") throw error;
    }
  }

  /** How far the volume is on the server; undefined: it is not attached. */
  async #stateOf(place: VolumeRef, limits: Limits): Promise<string | undefined> {
    const answer = await askScaleway(this.#access, { what: "read an instance", path: pathOf(place) }, limits);
    const { volumes } = serverAnswer.parse(answer.document).server;
    const found = Object.values(volumes).find(({ id }) => id === place.volume);
    return found === undefined ? undefined : (found.state ?? "available");
  }

  /** Looks again and again until there is nothing left to wait for. `look` says what is. */
  async #until(
    deadline: Deadline,
    what: string,
    { timeoutSeconds, signal }: Limits,
    look: () => Promise<string | undefined>,
  ): Promise<void> {
    const waiting = await pollUntil(look, (seen) => seen === undefined, { deadline, pause, signal });
    if (waiting !== undefined)
      throw new ScalewayError(what, "timeout", `not done within ${Math.round(timeoutSeconds)} s: ${waiting}`);
  }
}

function pathOf({ zone, server }: VolumeRef): string {
  return `/instance/v1/zones/${zone}/servers/${server}`;
}
