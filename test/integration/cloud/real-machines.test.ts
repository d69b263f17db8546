/** The emulated cloud with real machines: what its API promises can be seen over SSH. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type HetznerCloud, startHetznerCloud } from "../../harness/cloud/hetzner/cloud.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { Contact, eventually } from "../machines/contact.ts";
import { token } from "./hetzner-stack.ts";

// Outside the ranges that other tests of the same world hand out.
const addresses = { ipv4: { first: "198.51.100.242", last: "198.51.100.251" }, ipv6: "2001:db8:f230::/48" };
const answerSchema = z.object({
  action: z.object({ id: z.number() }).nullish(),
  next_actions: z.array(z.object({ id: z.number() })).default([]),
  server: z.object({ id: z.number() }).optional(),
  primary_ip: z.object({ id: z.number(), ip: z.string() }).optional(),
  volume: z.object({ id: z.number(), linux_device: z.string() }).optional(),
  ssh_key: z.object({ id: z.number() }).optional(),
});
const actionSchema = z.object({ action: z.object({ status: z.string(), error: z.unknown() }) });

let machines: TestMachineFactory;
let cloud: HetznerCloud;
let contact: Contact;
let ipv4: { id: number; ip: string };
let server: number;

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${cloud.endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

/** Calls, and waits until the actions of the answer have succeeded. */
async function make(method: string, path: string, body?: object): Promise<z.output<typeof answerSchema>> {
  const answer = answerSchema.parse(await call(method, path, body));
  for (const { id } of [...(answer.action ? [answer.action] : []), ...answer.next_actions]) {
    await eventually(`action ${id} of ${path}`, async () => {
      const { action } = actionSchema.parse(await call("GET", `/actions/${id}`));
      if (action.status === "error") throw new Error(JSON.stringify(action.error));
      return action.status === "success";
    });
  }
  return answer;
}

async function newServer(image: string): Promise<number> {
  const made = await make("POST", "/servers", {
    name: "web",
    server_type: "cx23",
    image,
    location: "fsn1",
    user_data: contact.userData(),
    public_net: { ipv4: ipv4.id },
  });
  return made.server?.id ?? 0;
}

beforeAll(async () => {
  machines = await createMachineFactory();
  contact = await Contact.create();
  cloud = await startHetznerCloud({ token, machines, addresses });
});

afterAll(async () => {
  await cloud.close();
  await machines.close();
  await contact.remove();
});

describe("a server with a real machine", () => {
  it("boots its image at its addresses, with the host key of its user data", async () => {
    const made = await make("POST", "/primary_ips", { name: "web", type: "ipv4", location: "fsn1" });
    ipv4 = z.object({ id: z.number(), ip: z.string() }).parse(made.primary_ip);
    expect(ipv4.ip).toBe("198.51.100.242");
    server = await newServer("debian-12");
    await contact.reach(ipv4.ip);
    expect(await contact.must(ipv4.ip, "hostname; . /etc/os-release; echo $ID $VERSION_ID")).toBe(
      "web\ndebian 12",
    );
    expect(await contact.must("2001:db8:f230:1::1", "hostname")).toBe("web");
  });

  it("shows a volume where the API says, whose data outlive the server", async () => {
    const made = await make("POST", "/volumes", { name: "data", size: 10, server });
    const volume = z.object({ id: z.number(), linux_device: z.string() }).parse(made.volume);
    await contact.must(
      ipv4.ip,
      `echo kept >/root/text && dd if=/root/text of=${volume.linux_device} conv=fsync`,
    );
    await make("DELETE", `/servers/${server}`);
    expect((await contact.ssh(ipv4.ip, "true")).ok).toBe(false);
    server = await newServer("ubuntu-24.04");
    await contact.reach(ipv4.ip);
    expect(await contact.must(ipv4.ip, ". /etc/os-release; echo $ID")).toBe("ubuntu");
    await make("POST", `/volumes/${volume.id}/actions/attach`, { server });
    expect(await contact.must(ipv4.ip, `head -c 4 ${volume.linux_device}`)).toBe("kept");
    await make("POST", `/volumes/${volume.id}/actions/detach`);
    expect((await contact.ssh(ipv4.ip, `test -e ${volume.linux_device}`)).exitCode).toBe(1);
    await make("DELETE", `/volumes/${volume.id}`);
  });

  it("boots anew on a reset, and is gone while it is off", async () => {
    const before = await contact.bootId(ipv4.ip);
    await make("POST", `/servers/${server}/actions/reset`);
    const after = await contact.bootIdAfter(ipv4.ip, before);
    await make("POST", `/servers/${server}/actions/poweroff`);
    expect((await contact.ssh(ipv4.ip, "true")).ok).toBe(false);
    await make("POST", `/servers/${server}/actions/poweron`);
    expect(await contact.bootIdAfter(ipv4.ip, after)).not.toBe(before);
  });

  it("boots into the rescue system once, with a host key of its own and the disk untouched", async () => {
    const own = contact.hostPublicKey;
    const made = await make("POST", "/ssh_keys", { name: "rescuer", public_key: contact.userPublicKey });
    const key = made.ssh_key?.id ?? 0;
    await contact.must(ipv4.ip, "echo precious >/root/text && sync");
    await make("POST", `/servers/${server}/actions/enable_rescue`, { type: "linux64", ssh_keys: [key] });
    await make("POST", `/servers/${server}/actions/reset`);
    const machine = machines.find(`hc-${server}`);
    const inRescue = async () => (await machine?.console(["hostname"]).catch(() => ""))?.trim() === "rescue";
    await eventually("the rescue system", inRescue);
    expect((await contact.ssh(ipv4.ip, "true")).ok).toBe(false);
    const shown = (await machine?.console(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])) ?? "";
    expect(shown).toMatch(/^ssh-ed25519 /);
    await contact.pin(shown.trim());
    await contact.reach(ipv4.ip);
    const uses = 'grep -c " $(stat -c %Hr:%Lr /dev/sda1) " /proc/self/mountinfo || true';
    expect(await contact.must(ipv4.ip, uses)).toBe("0");
    const text = "mkdir /tmp/disk && mount -o ro /dev/sda1 /tmp/disk && cat /tmp/disk/upper/root/text";
    expect(await contact.must(ipv4.ip, text)).toBe("precious");
    await contact.ssh(ipv4.ip, "umount /tmp/disk; reboot");
    await contact.pin(own);
    await contact.reach(ipv4.ip);
    expect(await contact.must(ipv4.ip, "cat /root/text")).toBe("precious");
    await make("DELETE", `/ssh_keys/${key}`);
  });

  it("takes another address while it is off", async () => {
    await make("POST", `/servers/${server}/actions/poweroff`);
    await make("POST", `/primary_ips/${ipv4.id}/actions/unassign`);
    const other = await make("POST", "/primary_ips", { name: "other", type: "ipv4", assignee_id: server });
    await make("POST", `/servers/${server}/actions/poweron`);
    await contact.reach(other.primary_ip?.ip ?? "");
    expect((await contact.ssh(ipv4.ip, "true")).ok).toBe(false);
    await make("POST", `/servers/${server}/actions/poweroff`);
    await make("DELETE", `/servers/${server}`);
    for (const { id } of cloud.inventory()) await make("DELETE", `/primary_ips/${id}`);
    expect(cloud.inventory()).toEqual([]);
  });
});
