import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";

const token = "t".repeat(64);
const program = ["--import", "tsx", "test/harness/cloud/main.ts", "--machines", "memory"];
const ready = z.strictObject({ endpoint: z.url(), pid: z.number() });
function spawn(flags: readonly string[], token: string) {
  const env = { HCLOUD_TOKEN: token };
  return execa("node", [...program, ...flags], { env, reject: false, timeout: 20_000 });
}

const processes: ReturnType<typeof spawn>[] = [];

function start(flags: readonly string[], secret = token): ReturnType<typeof spawn> {
  const child = spawn(flags, secret);
  processes.push(child);
  return child;
}

async function firstLine(child: ReturnType<typeof spawn>): Promise<unknown> {
  const lines = createInterface({ input: child.stdout });
  const [line] = z.tuple([z.string()]).parse(await once(lines, "line"));
  return JSON.parse(line);
}

afterEach(async () => {
  for (const child of processes.splice(0)) {
    child.kill("SIGKILL");
    await child;
  }
});

describe("the cloud as a process", () => {
  it("says where it listens, serves with its ranges, and ends cleanly on SIGTERM", async () => {
    const child = start([
      "--ipv4",
      "198.51.100.40-198.51.100.41",
      "--ipv6",
      "2001:db8:9::/48",
      "--action-ms",
      "1",
    ]);
    const { endpoint, pid } = ready.parse(await firstLine(child));
    expect(pid).toBe(child.pid);
    const headers = { authorization: `Bearer ${token}` };
    const post = (path: string, body: object) =>
      fetch(`${endpoint}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await post("/servers", { name: "web", server_type: "cx23", image: "debian-12" });
    expect([answer.status, await answer.json()]).toMatchObject([
      201,
      { server: { public_net: { ipv4: { ip: "198.51.100.40" }, ipv6: { ip: "2001:db8:9:1::/64" } } } },
    ]);
    expect((await fetch(`${endpoint}/servers`)).status).toBe(401);
    child.kill("SIGTERM");
    expect((await child).exitCode).toBe(0);
  });

  it.each([
    ["no token", [], "", /HCLOUD_TOKEN is not set/],
    ["a token the provider would refuse", [], "short", /64 characters/],
    ["impossible addresses", ["--ipv4", "10.0.0.1-10.0.0.9"], token, /198\.51\.100/],
    ["a malformed range", ["--ipv4", "198.51.100.4"], token, /FIRST-LAST/],
    ["a malformed number", ["--port", "-1"], token, /whole number/],
    ["an unknown flag", ["--colour"], token, /unknown option/],
  ])("refuses %s", async (_, flags, secret, message) => {
    const { exitCode, stderr, stdout } = await start(flags, secret);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(message);
  });
});
