import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readStackOutputs } from "../../../runtime/pulumi/outputs.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

const firewallsSchema = z.object({
  firewalls: z.array(z.object({ rules: z.array(z.object({ port: z.string().nullable() })) })),
});

/** sshd on this port alone, told by its configuration; sessions that there are live on. */
const listening = (port: number) => `  services.openssh.ports = [ ${port} ];
  environment.etc.listener.text = "pkill -TERM -o -x sshd; true\\n";
  systemd.services.listener.serviceConfig.ExecStart = "/bin/sh /etc/listener ${port}";
`;

/** A host whose SSH moves to another port, and back, on the real engine. In order. */
describe("a host whose SSH moves", () => {
  let fixture: StackFixture;
  let installId: string;

  const configure = (ssh: object) =>
    fixture.configure({ web: { ssh } }, { "fleet:deadlines": { deploy: { confirm: 12 } } });
  const edit = (from: string, to: string) => fixture.project.editHosts("web/default.nix", from, to);
  async function portsOpen(): Promise<string[]> {
    const headers = { authorization: `Bearer ${fixture.token}` };
    const answer = await fetch(`${fixture.cloud.endpoint}/firewalls`, { headers });
    const { firewalls } = firewallsSchema.parse(await answer.json());
    return firewalls.flatMap(({ rules }) => rules.flatMap(({ port }) => port ?? [])).sort();
  }
  const endpoint = async () => {
    const { folder, environment } = fixture.project;
    const outputs = await readStackOutputs({ projectRoot: folder, stack: "test", environment });
    return {
      port: outputs.hosts["web"]?.port,
      previous: outputs.hosts["web"]?.previousEndpoint?.port ?? null,
    };
  };

  beforeAll(async () => {
    fixture = await createStack();
    edit("{\n", `{\n${listening(22)}`);
    configure({});
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    installId = (await lifeOf(fixture, "web")).installId;
  });
  afterAll(() => fixture?.close());

  it("is deployed over the old port and confirmed at the new one, in one update", async () => {
    edit(listening(22), listening(2222));
    configure({ port: 2222, previous: { port: 22 } });
    const preview = await fixture.preview();
    expect(preview.changes, preview.output).toMatchObject({ "web-deployment-run": "replace" });
    expect(preview.output).not.toContain("not checked");
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(run.changes).toEqual(preview.changes);
    expect(await portsOpen()).toEqual(["22", "2222"]);
    expect(await endpoint()).toEqual({ port: 2222, previous: 22 });
  });

  it("is looked at over the new port, and nothing is left to do", async () => {
    const run = await fixture.preview();
    expectUnchanged(run);
    expect(run.output).not.toContain("not checked");
    expect(await lifeOf(fixture, "web")).toMatchObject({
      installId,
      system: (await fixture.host("web")).system,
    });
  });

  it("needs no deployment to lose its way back", async () => {
    configure({ port: 2222 });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(Object.keys(run.changes).filter((name) => name.endsWith("-deployment-run"))).toEqual([]);
    // Images and installers listen on 22, so that stays open.
    expect(await portsOpen()).toEqual(["22", "2222"]);
    expect(await endpoint()).toEqual({ port: 2222, previous: null });
    expect((await lifeOf(fixture, "web")).installId).toBe(installId);
  });

  it("stays where it is when it does not listen at the port it is to move to", async () => {
    const before = await lifeOf(fixture, "web");
    configure({ port: 2200, previous: { port: 2222 } });
    edit("version 1", "version 2");
    const run = await fixture.up();
    // It answers at the old port: the system stays, and somebody has to know.
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toMatch(
      /warning: confirmed at \S+ port 2222, where it was before: nothing answers at \S+ port 2200/,
    );
    expect(await pageOf((await fixture.host("web")).address)).toBe("Hello from web, version 2");
    expect(await portsOpen()).toEqual(["22", "2200", "2222"]);
    const after = await lifeOf(fixture, "web");
    expect(after.installId).toBe(before.installId);
    expect(after.bootId).toBe(before.bootId);
  });
});
