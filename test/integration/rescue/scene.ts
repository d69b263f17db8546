import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { bootstrapUserData } from "../../../components/server/cloud-init.ts";
import { noPublication } from "../../../model/protocol/binary-cache.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import type { RescueAccess } from "../../../model/protocol/rescue-access.ts";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import type { TestMachine } from "../../harness/machines/machine.ts";
import { buildKexecTarball } from "../../harness/nixos-anywhere/kexec/tarball.ts";
import { hostNumber, testAddress } from "../addresses.ts";
import { administrator, evaluateHost } from "../install/bare-machine.ts";
import { generateKeyPair, type KeyPair } from "../ssh/local-sshd.ts";

/** A cloud whose servers are installed by the engine alone, without Pulumi. */
export interface RescueScene {
  readonly cloud: HetznerCloud;
  readonly machines: TestMachineFactory;
  call(method: string, path: string, body?: object): Promise<unknown>;
  /** A new server, and what installs it. */
  server(changes?: ServerChanges): Promise<CloudServer>;
  close(): Promise<void>;
}

interface ServerChanges {
  /** `bootstrap: rescue`; default true. */
  readonly wanted?: boolean;
  /** Somebody else's: its host key is not ours. */
  readonly foreign?: boolean;
  /** How the installed system is logged in to; default: root at port 22. */
  readonly user?: string;
  readonly port?: number;
  readonly settings?: object;
}

export interface CloudServer {
  readonly id: number;
  readonly machine: TestMachine;
  readonly userKey: KeyPair;
  readonly spec: InstallSpec;
  readonly access: RescueAccess;
}

const made = z.object({
  action: z.object({ id: z.number() }).nullish(),
  next_actions: z.array(z.object({ id: z.number() })).default([]),
  server: z
    .object({ id: z.number(), public_net: z.object({ ipv4: z.object({ ip: z.string() }) }) })
    .optional(),
  ssh_key: z.object({ id: z.number() }).optional(),
});
const actionAnswer = z.object({ action: z.object({ status: z.string() }) });

export async function createRescueScene(): Promise<RescueScene> {
  const machines = await createMachineFactory();
  const token = randomBytes(32).toString("hex");
  const cloud = await startHetznerCloud({
    token,
    machines,
    bootDelayMs:
      process.env["FLEET_NIXOS_ANYWHERE"]?.endsWith("/src/nixos-anywhere.sh") === true ? 3500 : 1000,
    addresses: {
      ipv4: { first: testAddress(30), last: testAddress(79) },
      ipv6: `2001:db8:${(0x400 + hostNumber(30)).toString(16)}::/48`,
    },
  });
  const call = (method: string, route: string, body?: object) =>
    callApi(`${cloud.endpoint}${route}`, token, method, body);
  const scene = {
    cloud,
    machines,
    call,
    close: async () => {
      await cloud.close();
      await machines.close();
    },
  };
  return { ...scene, server: (changes = {}) => createServer(scene, token, changes) };
}

async function callApi(url: string, token: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

type SceneCore = Omit<RescueScene, "server">;

/** Calls, and waits for the actions of the answer. */
export async function settle(scene: SceneCore, method: string, route: string, body?: object) {
  const answer = made.parse(await scene.call(method, route, body));
  for (const { id } of [...(answer.action ? [answer.action] : []), ...answer.next_actions])
    while (actionAnswer.parse(await scene.call("GET", `/actions/${id}`)).action.status === "running")
      await new Promise((resolve) => setTimeout(resolve, 20));
  return answer;
}

/** The cloud says "running" as soon as the machine is switched on; before its system runs, its console is nobody's. */
async function booted(machine: TestMachine): Promise<void> {
  const ready = "cloud-init status --wait && pgrep -f '^(sshd: )?/usr/sbin/sshd'";
  const listening = () =>
    machine.console(["sh", "-c", ready]).then(
      () => true,
      () => false,
    );
  for (let waited = 0; !(await listening()); waited += 100) {
    if (waited > 60_000) throw new Error(`${machine.id} did not boot`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const deadlines: InstallSpec["deadlines"] = {
  contact: 60,
  facts: 30,
  rescue: 60,
  kexec: 90,
  disko: 60,
  install: 90,
  reboot: 60,
  verify: 30,
};

async function createServer(scene: SceneCore, token: string, changes: ServerChanges): Promise<CloudServer> {
  const { wanted = true, foreign = false, user = "root", port = 22 } = changes;
  const [userKey, bootstrapKey, finalKey] = [generateKeyPair(), generateKeyPair(), generateKeyPair()];
  const name = `web-${randomBytes(3).toString("hex")}`;
  const key = await settle(scene, "POST", "/ssh_keys", { name, public_key: userKey.publicKey });
  const keyId = key.ssh_key?.id ?? 0;
  const { server } = await settle(scene, "POST", "/servers", {
    name,
    server_type: "cx23",
    image: "debian-12",
    location: "fsn1",
    ssh_keys: foreign ? [] : [keyId],
    user_data: bootstrapUserData(foreign ? generateKeyPair() : bootstrapKey),
  });
  const machine = scene.machines.find(`hc-${server?.id}`);
  if (server === undefined || machine === undefined) throw new Error("no server was made");
  await booted(machine);
  const folder = await mkdtemp(path.join(tmpdir(), "rescue-test-"));
  const access: RescueAccess = {
    cloud: "hetzner",
    serverId: String(server.id),
    endpoint: scene.cloud.endpoint,
    token,
    sshKeyId: String(keyId),
    wanted,
    pinFile: path.join(folder, "rescue", "web.json"),
  };
  const spec: InstallSpec = {
    version: 1,
    stack: "pulumi-nixos/test",
    host: "web",
    aliases: [],
    provider: foreign ? "existing" : "hetzner",
    serverId: String(server.id),
    connection: { address: server.public_net.ipv4.ip, port, user, privateKey: userKey.privateKey },
    bootstrapHostKey: foreign ? null : bootstrapKey.publicKey,
    hostKey: finalKey,
    reinstall: null,
    wipe: false,
    acceptDiskLayout: false,
    system: await evaluateHost(
      userKey,
      { services: { openssh: { ports: [port] } }, ...changes.settings },
      [...new Set(["root", user])],
      [],
      administrator,
    ),
    kexecTarball: buildKexecTarball(folder),
    bootstrap: "kexec",
    diskKeys: {},
    build: { on: "auto" },
    cache: noPublication,
    rescue: access,
    deadlines,
    logDirectory: folder,
  };
  return { id: server.id, machine, userKey, spec, access };
}

/** Waits until a condition of a running install holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > 120_000) throw new Error("it did not come to that");
    await sleep(50);
  }
}
