import { expect, vi } from "vitest";
import { z } from "zod";
import type { ScalewayCloud } from "../../../../harness/cloud/scaleway/cloud.ts";

export const zone = "/instance/v1/zones/fr-par-1";
export const blocks = "/block/v1/zones/fr-par-1/volumes";
export const withId = z.looseObject({ id: z.string() });

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly total: string | null;
}

const shown = z.object({
  server: z.looseObject({
    state: z.string(),
    state_detail: z.string(),
    volumes: z.looseObject({ "0": withId }),
  }),
});

/** Asks an emulated Scaleway as its owner does. */
export class Client {
  readonly #cloud: ScalewayCloud;

  constructor(cloud: ScalewayCloud) {
    this.#cloud = cloud;
  }

  async call(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const { apiUrl, secretKey } = this.#cloud.access;
    const text = typeof body === "string";
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        "x-auth-token": token ?? secretKey,
        "content-type": text ? "text/plain" : "application/json",
      },
      ...(body === undefined ? {} : { body: text ? body : JSON.stringify(body) }),
    });
    const answer = await response.text();
    const json = response.headers.get("content-type")?.startsWith("application/json") === true;
    return {
      status: response.status,
      body: json ? JSON.parse(answer) : answer,
      total: response.headers.get("x-total-count"),
    };
  }

  /** Id of the stock image for block storage, or an empty text. */
  async imageId(label = "debian_bookworm", arch = "x86_64"): Promise<string> {
    const query = `image_label=${label}&zone=fr-par-1&type=instance_sbs&order_by=type_asc`;
    const { body } = await this.call("GET", `/marketplace/v2/local-images?${query}`);
    const list = z.object({ local_images: z.array(withId.extend({ arch: z.string() })) }).parse(body);
    return list.local_images.find((image) => image.arch === arch)?.id ?? "";
  }

  /** Makes something in the zone, and gives its id. `name`: key of the answer. */
  async make(path: string, body: object, name: string): Promise<string> {
    const project = this.#cloud.access.projectId;
    const answer = await this.call("POST", `${zone}/${path}`, { project, ...body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return z.object({ [name]: withId }).parse(answer.body)[name]?.id ?? "";
  }

  async newServer(more: object = {}): Promise<string> {
    const image = await this.imageId();
    const server = { name: "web", commercial_type: "DEV1-S", image, volumes: { "0": {} } };
    return this.make("servers", { ...server, ...more }, "server");
  }

  /** Makes a volume `data`, and waits until it can be attached. @param gigabytes its size */
  async newVolume(gigabytes: number): Promise<string> {
    const answer = await this.call("POST", blocks, {
      ...{ project_id: this.#cloud.access.projectId, name: "data", perf_iops: 5000, tags: [] },
      from_empty: { size: gigabytes * 1_000_000_000 },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { id } = withId.parse(answer.body);
    const status = async () => (await this.call("GET", `${blocks}/${id}`)).body;
    await vi.waitFor(async () => expect(await status()).toMatchObject({ status: "available" }), {
      timeout: 10_000,
    });
    return id;
  }

  async show(id: string) {
    return shown.parse((await this.call("GET", `${zone}/servers/${id}`)).body).server;
  }

  /** Starts an action and waits for the state it leads to. */
  async act(id: string, action: string, state: string): Promise<void> {
    expect((await this.call("POST", `${zone}/servers/${id}/action`, { action })).status).toBe(202);
    await vi.waitFor(async () => expect((await this.show(id)).state).toBe(state), { timeout: 10_000 });
  }
}
