import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createStack, type StackFixture } from "./fixture.ts";
import { onHost } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

const ruleSchema = z.object({
  protocol: z.string(),
  port: z.string().nullable(),
  source_ips: z.array(z.string()),
});
const firewallsSchema = z.object({
  firewalls: z.array(
    z.object({
      name: z.string(),
      rules: z.array(ruleSchema),
      applied_to: z.array(z.object({ server: z.object({ id: z.number() }) })),
    }),
  ),
});

/** `tcp 22`; `tcp 80*`: open to everybody. */
function textOf({ protocol, port, source_ips }: z.infer<typeof ruleSchema>): string {
  return `${protocol} ${port ?? "-"}${source_ips.includes("0.0.0.0/0") ? "*" : ""}`;
}

/** One host whose firewall in the cloud follows its configuration, in order. */
describe("ports opened from the configuration", () => {
  let fixture: StackFixture;
  const sources = ["198.51.100.0/24"];

  beforeAll(async () => {
    fixture = await createStack();
    configure({ fromNixos: true });
  });
  afterAll(() => fixture.close());

  function configure(firewall: object, more: object = {}): void {
    fixture.configure(
      { web: { firewall: { udp: [123], ...firewall }, ...more } },
      { "fleet:ssh": { allowedCidrs: sources } },
    );
  }

  /** Gives the host's file another web server: the same text as often as it is wanted. */
  function web(httpd: string): void {
    const lines = [
      "imports = [ ./disko.nix ];",
      'networking.hostName = "web";',
      'system.stateVersion = "26.05";',
    ];
    const server = `services.httpd = { page = "Hello from web, version 1"; ${httpd} };`;
    writeFileSync(
      path.join(fixture.project.hosts, "web", "default.nix"),
      `{ ${[...lines, server].join(" ")} }\n`,
    );
  }

  async function listed(): Promise<z.infer<typeof firewallsSchema>["firewalls"]> {
    const headers = { authorization: `Bearer ${fixture.token}` };
    const answer = await fetch(`${fixture.cloud.endpoint}/firewalls`, { headers });
    return firewallsSchema.parse(await answer.json()).firewalls;
  }

  /** The firewalls of the server with their rules. */
  async function firewalls(): Promise<Record<string, string[]>> {
    const id = Number((await fixture.host("web")).id);
    return Object.fromEntries(
      (await listed()).map(({ name, rules, applied_to }) => {
        expect(applied_to.map(({ server }) => server.id)).toEqual([id]);
        return [name.replace(/-[0-9a-f]{7}$/, ""), rules.map(textOf).sort()];
      }),
    );
  }

  const allOpen = async () => (await listed()).flatMap(({ rules }) => rules.map(textOf));

  const first = ["icmp -*", "tcp 22", "udp 123*"];
  const open = (...ports: string[]) => [...first, ...ports.map((port) => `${port}*`)].sort();

  it("are open beside those that are named, before the first deployment, and SSH stays as it is", async () => {
    const preview = await fixture.preview();
    expect(preview.changes["web-nixos-firewall"], preview.output).toBe("create");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await firewalls()).toEqual({ "web-firewall": first, "web-nixos-firewall": open("tcp 80") });
    expect(run.created.indexOf("web-nixos-firewall")).toBeLessThan(run.created.indexOf("web-deployment-run"));
  });

  it("cost the second up nothing, and show no difference on refresh", async () => {
    fixture.cloud.journal.clear();
    expectUnchanged(await fixture.up());
    expect(fixture.cloud.journal.entries()).toEqual([]);
    expectUnchanged(await fixture.refresh());
    expectUnchanged(await fixture.preview());
    expect(fixture.cloud.journal.entries().filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("stay as they were when the configuration cannot be evaluated", async () => {
    web("enable = 1;");
    const run = await fixture.up();
    web("enable = true;");
    expect(run.ok).toBe(false);
    expect(run.output).toContain("web: evaluation failed");
    expect(run.changes).toEqual({});
    expect(await firewalls()).toEqual({ "web-firewall": first, "web-nixos-firewall": open("tcp 80") });
  });

  it("are open for both systems as long as a deployment has not succeeded", async () => {
    web("enable = true; port = 8080;");
    const never = { deadline: 4, checks: [{ tcp: { port: 9 } }] };
    configure({ fromNixos: true }, { health: never });
    const run = await fixture.up();
    expect(run.ok).toBe(false);
    expect(Object.keys(run.changes)).toContain("web-deployment-run");
    expect(await firewalls()).toMatchObject({ "web-firewall": first });
    expect(await allOpen()).toEqual(expect.arrayContaining(["tcp 80*", "tcp 8080*"]));
    const page = ["busybox", "wget", "-qO-", "http://127.0.0.1:80/"];
    expect(await onHost(fixture, "web", ...page)).toContain("version 1");
  });

  it("follow the system that runs, in the same update", async () => {
    configure({ fromNixos: true });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await firewalls()).toEqual({ "web-firewall": first, "web-nixos-firewall": open("tcp 8080") });
    expect(await allOpen()).not.toContain("tcp 80*");
    web("enable = true; port = 8081;");
    const next = await fixture.up();
    expect(next.changes).toEqual({ "web-nixos-firewall": "replace", "web-deployment-run": "replace" });
    expect(next.created).toEqual(["web-nixos-firewall", "web-deployment-run"]);
    expect(await firewalls()).toEqual({ "web-firewall": first, "web-nixos-firewall": open("tcp 8081") });
    expectUnchanged(await fixture.up());
  });

  it("follow a replaced server", async () => {
    const urn = (await fixture.exportStack()).deployment.resources
      .map((resource: { urn: string }) => resource.urn)
      .find((each: string) => each.endsWith("::web-instance"));
    const before = (await fixture.host("web")).id;
    const replaced = await fixture.up({ replace: [urn] });
    expect(replaced.ok, replaced.output).toBe(true);
    expect((await fixture.host("web")).id).not.toBe(before);
    expect(await firewalls()).toEqual({ "web-firewall": first, "web-nixos-firewall": open("tcp 8081") });
    expectUnchanged(await fixture.up());
  });

  it("go with the setting, also after a refresh", async () => {
    expectUnchanged(await fixture.refresh());
    configure({ tcp: [8081] });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await firewalls()).toEqual({ "web-firewall": open("tcp 8081") });
    expectUnchanged(await fixture.up());
    expectUnchanged(await fixture.refresh());
  });

  it("leave nothing behind", async () => {
    configure({ fromNixos: true });
    expect((await fixture.up()).ok).toBe(true);
    expect((await fixture.destroy()).ok).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
  });
});
