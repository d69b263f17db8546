import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Host } from "../../../../components/host/host.ts";
import { wireguardPublicKey } from "../../../../components/identity/wireguard-key.ts";
import { type Known, outputValue } from "../../../../components/shared/output-value.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import type { Fact } from "../../../../model/facts/facts.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import type { Connection } from "../../../../model/protocol/connection.ts";
import { takeOverSpecSchema } from "../../../../model/protocol/take-over.ts";
import { fingerprint } from "../../../../runtime/ssh/fingerprint.ts";
import { factsOf, hostContext, waitingEvaluator } from "../host-context.ts";
import { type Recording, recordProgram } from "../mock-engine.ts";
import { mockedHostKey } from "../open-ssh-key.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

interface Registration {
  readonly recording: Recording;
  readonly connection: Connection | undefined;
  readonly facts: Readonly<Record<"ipv4" | "ipv6" | "hostKey" | "wireguardKey", Fact>>;
}

async function register(settings: Record<string, unknown>): Promise<Registration> {
  const hosts = JSON.stringify({ web: { provider: "existing", address: "203.0.113.5", ...settings } });
  const inventory = buildInventory(parseConfiguration({ "fleet:hosts": hosts }));
  const facts = factsOf(inventory);
  let connection: Promise<Known<Connection>> = Promise.resolve({ known: false });
  const recording = await recordProgram(() => {
    const context = hostContext(inventory, { evaluator: waitingEvaluator }, facts);
    for (const host of inventory.hosts) {
      const component = new Host(host, context);
      connection = outputValue(component.connection);
    }
  });
  const known = await connection;
  const fact = (name: "ipv4" | "ipv6" | "hostKey" | "wireguardKey") => facts.settle(`hosts.web.${name}`);
  return {
    recording,
    connection: known.known ? known.value : undefined,
    facts: {
      ipv4: await fact("ipv4"),
      ipv6: await fact("ipv6"),
      hostKey: await fact("hostKey"),
      wireguardKey: await fact("wireguardKey"),
    },
  };
}

const namesOf = (recording: Recording) => recording.resources.map(({ name }) => name).sort();
const common = ["deploy-key-pair", "web-deployment-run", "web-install-run"];

describe("a host on an existing machine", () => {
  it("creates keys and runs commands, and nothing at any cloud", async () => {
    const { recording, facts } = await register({ hostKey: `${key} root@old` });
    expect(namesOf(recording)).toEqual([...common, "web-host-key"].sort());
    expect(recording.options("web-server", "ExistingServer").parent).toBe("web");
    expect(facts.ipv4).toEqual({ known: true, value: "203.0.113.5" });
    expect(facts.ipv6).toEqual({ known: true, value: null });
    expect(facts.wireguardKey).toEqual({
      known: true,
      value: wireguardPublicKey(mockedHostKey("web-host-key")),
    });
    expect(recording.resource("web-install-run").inputs["create"]).toMatch(/ internal install$/);
  });

  it("is another server when it shows another key, whatever it is called and wherever it answers", async () => {
    const triggers = async (settings: Record<string, unknown>) =>
      (await register(settings)).recording.resource("web-install-run").inputs["triggers"];
    expect(await triggers({ hostKey: key })).toEqual([fingerprint(key), ""]);
    expect(await triggers({ hostKey: key, address: "web.example.org", aliases: ["old"] })).toEqual([
      fingerprint(key),
      "",
    ]);
    const another = key.replace("OMqq", "OMqr");
    expect(await triggers({ hostKey: another })).toEqual([fingerprint(another), ""]);
  });

  it("asks for a key that is trusted on first use once, before anything else, under its former names too", async () => {
    const { recording } = await register({ trustOnFirstUse: true, aliases: ["old"] });
    expect(namesOf(recording)).toEqual([...common, "web-host-key-scan", "web-host-key"].sort());
    const contact = recording.resource("web-host-key-scan").inputs;
    expect(contact["triggers"]).toEqual([]);
    expect(contact["create"]).toMatch(/ internal scan-host-key$/);
    expect(recording.options("web-host-key-scan")).toMatchObject({
      parent: "web-server",
      aliases: [{ name: "old-host-key-scan" }],
    });
    expect(recording.options("web-install-run").dependsOn).toEqual(["web-host-key-scan"]);
  });

  it("that moves is reached by both ways, and taken over where it will be", async () => {
    const ssh = { port: 2222, previous: { port: 22 } };
    const { recording, connection } = await register({ hostKey: key, bootstrap: "none", ssh });
    const place = { address: "203.0.113.5", port: 2222 };
    expect(connection).toMatchObject({ ...place, previous: { ...place, port: 22 } });
    const { value } = z
      .object({ value: z.string() })
      .parse(recording.resource("web-install-run").inputs["stdin"]);
    const { connection: first } = takeOverSpecSchema.parse(JSON.parse(value));
    expect(first).toMatchObject(place);
    expect(first).not.toHaveProperty("previous");
  });

  it("is reached as its own user at its own port, which nobody but the command is told with the key", async () => {
    const { recording } = await register({
      hostKey: key,
      bootstrap: "none",
      aliases: ["old"],
      ssh: { user: "admin", port: 2222 },
    });
    const { stdin, ...others } = recording.resource("web-install-run").inputs;
    expect(JSON.stringify(others)).not.toMatch(/private key/i);
    const { value } = z.object({ value: z.string() }).parse(stdin);
    expect(takeOverSpecSchema.parse(JSON.parse(value))).toMatchObject({
      stack: "pulumi-nixos/test",
      host: "web",
      aliases: ["old"],
      hostKey: key,
      connection: {
        address: "203.0.113.5",
        port: 2222,
        user: "admin",
        privateKey: "private key of deploy-key-pair",
      },
      logDirectory: "/project/.fleet/logs/test/web",
    });
  });

  it("is taken over with its own key where NixOS runs already", async () => {
    const { recording, facts } = await register({ hostKey: key, bootstrap: "none" });
    expect(namesOf(recording)).toEqual(common);
    expect(recording.resource("web-install-run").inputs["create"]).toMatch(/ internal take-over$/);
    expect(facts.hostKey).toEqual({ known: true, value: key });
    expect(facts.wireguardKey).toEqual({ known: true, value: null });
  });
});
