import { type VolumeResult, type VolumeSpec, volumeSpecSchema } from "../../model/protocol/volume.ts";
import { ScalewayApi, type VolumeRef } from "../../runtime/cloud/scaleway/volumes-api.ts";
import { StepError } from "../../runtime/platform/step-error.ts";
import { type InternalIo, readSpec } from "./read-spec.ts";

/**
 * Runs `fleet internal attach-volume`: attaches a volume to a host's server, unless it is attached already.
 * @param input a `VolumeSpec` as JSON
 * @throws StepError
 */
export async function runAttachVolume(input: string, io: InternalIo): Promise<VolumeResult> {
  return await onVolume(input, io, "attachVolume");
}

/**
 * Runs `fleet internal detach-volume`: takes a volume from a host's server, if it is attached.
 * @param input a `VolumeSpec` as JSON
 * @throws StepError
 */
export async function runDetachVolume(input: string, io: InternalIo): Promise<VolumeResult> {
  return await onVolume(input, io, "detachVolume");
}

async function onVolume(
  input: string,
  { signal }: InternalIo,
  act: "attachVolume" | "detachVolume",
): Promise<VolumeResult> {
  const spec = readSpec(volumeSpecSchema, input, "a volume's attachment");
  const { host, volume, endpoint, secretKey, timeoutSeconds } = spec;
  try {
    await new ScalewayApi({ endpoint, secretKey })[act](volumeRefOf(spec), {
      timeoutSeconds,
      signal,
    });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const { step, ...failure } = error.failure;
    throw new StepError({ host, step: `volume "${volume}", ${step}`, ...failure }, { cause: error });
  }
  return { host, volume };
}

/** Ids of the provider have the zone in front. */
function volumeRefOf({ serverId, volumeId }: VolumeSpec): VolumeRef {
  const [zone = "", server = ""] = serverId.split("/");
  return { zone, server, volume: volumeId.slice(volumeId.indexOf("/") + 1) };
}
