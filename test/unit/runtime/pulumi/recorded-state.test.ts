import { describe, expect, it } from "vitest";
import { HostNames } from "../../../../model/naming/host-names.ts";
import { typeTokens } from "../../../../model/naming/resource-names.ts";
import { RecordedState, readRecordedState } from "../../../../runtime/pulumi/recorded-state.ts";
import { exportingPulumi } from "../stack/exporting-pulumi.ts";

const command = "command:local:Command";
const hetznerServer = "hcloud:index/server:Server";
const scalewayServer = "scaleway:instance/server:Server";
const resource = (type: string, name: string, more: object = {}) => ({
  urn: `urn:pulumi:prod::fleet::nixos:index:Host$${type}::${name}`,
  type,
  ...more,
});
const inputs = (given: object, more: object = {}) => ({ inputs: given, ...more });
const removed = { delete: true };
const exported = (...resources: object[]) => JSON.stringify({ version: 3, deployment: { resources } });
const stateOf = (...resources: object[]) => new RecordedState(exported(...resources));
const named = (name: string, ...aliases: string[]) => new HostNames({ name, aliases });
const nothing = {
  server: undefined,
  serverLocation: undefined,
  addressLocation: undefined,
  installed: false,
  install: undefined,
  deployedSystem: undefined,
  pending: false,
};

describe("of a host the state knows", () => {
  it("what its server was made with, at either cloud", () => {
    const made = { serverType: "cx23", location: "nbg1", image: "debian-12", name: "web" };
    const state = stateOf(
      resource(hetznerServer, "web-instance", inputs(made)),
      resource(hetznerServer, "gone-instance", inputs(made, removed)),
      resource(hetznerServer, "odd-instance", inputs({ ...made, image: { secret: true } })),
      resource("hcloud:index/firewall:Firewall", "other-instance", inputs(made)),
      resource(
        scalewayServer,
        "db-instance",
        inputs({ type: "DEV1-M", zone: "fr-par-1", image: "debian_bookworm" }),
      ),
    );
    const server = (name: string) => state.host(named(name)).server;
    expect(server("web")).toEqual({
      provider: "hetzner",
      serverType: "cx23",
      locations: ["nbg1"],
      image: "debian-12",
    });
    expect(server("db")).toEqual({
      provider: "scaleway",
      instanceType: "DEV1-M",
      zones: ["fr-par-1"],
      image: "debian_bookworm",
    });
    expect(["gone", "odd", "other"].map(server)).toEqual([undefined, undefined, undefined]);
  });

  it("where its server and its addresses are", () => {
    const at = (location: string) => inputs({ location });
    const state = stateOf(
      resource(hetznerServer, "web-instance", at("fsn1")),
      resource("hcloud:index/primaryIp:PrimaryIp", "web-ipv4", at("hel1")),
      resource("hcloud:index/primaryIp:PrimaryIp", "six-ipv6", at("nbg1")),
      resource("hcloud:index/volume:Volume", "six-instance", at("hel1")),
      resource(hetznerServer, "gone-instance", { ...at("nbg1"), ...removed }),
      resource(scalewayServer, "db-instance", inputs({ zone: "fr-par-1" })),
      resource("scaleway:instance/ip:Ip", "db-ipv4", inputs({ zone: "nl-ams-1" })),
    );
    const places = (name: string) => {
      const { serverLocation, addressLocation } = state.host(named(name));
      return [serverLocation, addressLocation];
    };
    expect(places("web")).toEqual(["fsn1", "hel1"]);
    expect(places("six")).toEqual([undefined, "nbg1"]);
    expect(places("gone")).toEqual([undefined, undefined]);
    expect(places("db")).toEqual(["fr-par-1", "nl-ams-1"]);
  });

  it("its install, with server and token", () => {
    const state = stateOf(
      resource(command, "web-install-run", inputs({ triggers: ["17", "once more"] })),
      resource(command, "db-install-run", inputs({ triggers: ["18", ""] })),
      resource(command, "gone-install-run", inputs({ triggers: ["19", ""] }, removed)),
      resource(command, "odd-install-run", inputs({ triggers: { secret: true } })),
      resource(command, "bare-install-run"),
      resource("command:remote:Command", "other-install-run", inputs({ triggers: ["1", ""] })),
    );
    const installs = ["web", "db", "gone", "odd", "bare", "other"].map((name) => {
      const { installed, install } = state.host(named(name));
      return { installed, install };
    });
    expect(installs).toEqual([
      { installed: true, install: { serverId: "17", reinstall: "once more" } },
      { installed: true, install: { serverId: "18", reinstall: null } },
      { installed: false, install: undefined },
      { installed: true, install: undefined },
      { installed: true, install: undefined },
      { installed: false, install: undefined },
    ]);
  });

  it("the system that was deployed last", () => {
    const system = "/nix/store/x-nixos";
    const triggers = [system, "switch", "", "i"];
    const state = stateOf(
      resource(command, "web-deployment-run", inputs({ triggers })),
      resource(command, "gone-deployment-run", inputs({ triggers }, removed)),
      resource("command:remote:Command", "other-deployment-run", inputs({ triggers })),
      resource(command, "short-deployment-run", inputs({ triggers: [system] })),
      resource(command, "nowhere-deployment-run", inputs({ triggers: ["x", "switch", "", "i"] })),
    );
    const deployed = (name: string) => state.host(named(name)).deployedSystem;
    expect(deployed("web")).toBe(system);
    expect(["gone", "other", "short", "nowhere"].map(deployed)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("whether its last deployment waits for it", () => {
    const deployment = (
      name: string,
      outcome: string | undefined,
      type: string = typeTokens.nixosDeployment,
    ) => resource(type, `${name}-deployment`, outcome === undefined ? {} : { outputs: { outcome } });
    const state = stateOf(
      deployment("laptop", "pending"),
      deployment("my-deployment", "pending"),
      deployment("web", "deployed"),
      deployment("new", undefined),
      deployment("other", "pending", typeTokens.nixosInstall),
    );
    const pending = (name: string) => state.host(named(name)).pending;
    expect(["laptop", "my-deployment"].map(pending)).toEqual([true, true]);
    expect(["web", "new", "other", "my"].map(pending)).toEqual([false, false, false, false]);
  });

  it("sizes of its volumes at Scaleway", () => {
    const volume = (name: string, sizeInGb: unknown, more: object = {}) =>
      resource("scaleway:block/volume:Volume", name, inputs({ sizeInGb }, more));
    const state = stateOf(
      volume("db-volume-data", 90, removed),
      volume("db-volume-data", 20),
      volume("db-volume-odd", "20"),
      resource("hcloud:index/volume:Volume", "db-volume-logs", inputs({ sizeInGb: 30 })),
    );
    expect(["data", "odd", "logs"].map((name) => state.host(named("db")).volumeSize(name))).toEqual([
      20,
      undefined,
      undefined,
    ]);
  });

  it("each of these under its name, or else under one that it had before", () => {
    const install = (name: string, server: string) =>
      resource(command, `${name}-install-run`, inputs({ triggers: [server, ""] }));
    const state = stateOf(
      install("older", "1"),
      install("old", "2"),
      install("web", "3"),
      resource("hcloud:index/primaryIp:PrimaryIp", "old-ipv4", inputs({ location: "hel1" })),
    );
    expect(state.host(named("web", "old", "older")).install?.serverId).toBe("3");
    expect(state.host(named("www", "old", "older")).install?.serverId).toBe("2");
    expect(state.host(named("web", "old")).addressLocation).toBe("hel1");
    expect(state.host(named("web")).addressLocation).toBeUndefined();
  });

  it("nothing, in a stack without resources", () => {
    for (const deployment of [null, {}, { resources: [] }])
      expect(new RecordedState(JSON.stringify({ deployment })).host(named("web"))).toMatchObject(nothing);
  });
});

describe("the state of a stack", () => {
  it("is read through Pulumi, and why it cannot be read is told", async () => {
    const state = exported(resource(command, "web-install-run", inputs({ triggers: ["17", ""] })));
    const { folder, path, calls } = exportingPulumi("prod", state);
    const selection = { projectRoot: folder, environment: { PATH: path } };
    const found = await readRecordedState({ ...selection, stack: "prod" });
    expect(found).toBeInstanceOf(RecordedState);
    expect(calls()).toHaveLength(1);
    expect(await readRecordedState(selection)).toBe(
      "pulumi stack export failed: stack export --non-interactive",
    );
  });

  it("that Pulumi prints in another form is one more that cannot be read", async () => {
    for (const text of ["{}", "no JSON"]) {
      const { folder, path } = exportingPulumi("prod", text);
      const found = await readRecordedState({
        projectRoot: folder,
        stack: "prod",
        environment: { PATH: path },
      });
      expect(found).toMatch(/^pulumi stack export printed what cannot be read: /);
    }
  });
});
