import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Copy, copyOf, evaluate, evaluationError, miniatureFlake, repository } from "./nix.ts";

const fleetModule = path.join(repository, "hosts/modules/fleet.nix");

let flake: Copy;
beforeEach(() => {
  flake = copyOf(miniatureFlake);
});
afterEach(() => flake.remove());

describe("the real fleet module on the miniature flake", () => {
  const wrapped = (host: string, modules: string, read: string) =>
    `(import "${repository}/test/integration/miniflake/wrapped.nix" {
        flake = "${flake.folder}"; host = "${host}"; fleetModule = "${fleetModule}"; modules = [ ${modules} ];
      }).${read}`;
  const facts = (ipv4OfDb: string) => `{
    fleet = {
      managed = true; project = "fleet"; stack = "prod"; deployKeys = [ "ssh-ed25519 AAAA deploy" ];
      hosts.web = { provider = "hetzner"; ipv4 = throw "web has no address yet"; };
      hosts.db = { provider = "hetzner"; ipv4 = ${ipv4OfDb}; tags = [ "data" ]; };
    };
  }`;
  const unknown = facts('throw "db has no address yet"');
  const outPath = "config.system.build.toplevel.outPath";

  test("puts the deploy key into the system", async () => {
    const keys = 'config.environment.etc."ssh/authorized_keys.d/root".text';
    expect(await evaluate(wrapped("web", unknown, keys))).toBe("ssh-ed25519 AAAA deploy\n");
  });

  test("gives a system although facts nobody reads are unknown", async () => {
    const known = await evaluate(wrapped("web", facts('"198.51.100.9"'), outPath));
    expect(await evaluate(wrapped("web", unknown, outPath))).toBe(known);
  });

  test("makes a host that reads an unknown fact say which", async () => {
    expect(await evaluationError(wrapped("webfacts", unknown, outPath))).toContain("db has no address yet");
    const page = "config.services.httpd.page";
    expect(await evaluate(wrapped("webfacts", facts('"198.51.100.9"'), page))).toContain("198.51.100.9");
  });

  test("is taken once when the flake vendors a copy of its own", async () => {
    flake.write("vendored.nix", readFileSync(fleetModule, "utf8"));
    flake.edit("web/default.nix", "./disko.nix ]", "./disko.nix ../vendored.nix ]");
    const expression = wrapped("web", unknown, "config.users.users.root.openssh.authorizedKeys.keys");
    expect(await evaluate(expression)).toEqual(["ssh-ed25519 AAAA deploy"]);
  });

  test("refuses a host that no user can log in to", async () => {
    expect(await evaluationError(wrapped("web", "", outPath))).toContain("no user can log in to this host");
    const own = '{ users.users.admin.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ]; }';
    expect(await evaluate(wrapped("web", own, outPath))).toMatch(/^\/nix\/store\//);
    const keyFile = `{ users.users.admin.openssh.authorizedKeys.keyFiles = [ ${flake.folder}/README.md ]; }`;
    expect(await evaluate(wrapped("web", keyFile, outPath))).toMatch(/^\/nix\/store\//);
    const allowed = "{ fleet.allowNoKeys = true; }";
    expect(await evaluate(wrapped("web", allowed, outPath))).toMatch(/^\/nix\/store\//);
  });

  test("knows private addresses, networks and volumes, whose devices may be unknown", async () => {
    const module = `${unknown} {
      fleet.networks.internal = { range = "10.0.0.0/16"; subnet = "10.0.1.0/24"; };
      fleet.hosts.db = {
        privateAddresses.internal = "10.0.1.3";
        volumes.data = { size = 20; device = throw "the volume is not there yet"; };
      };
    }`;
    const read = (what: string) => evaluate(wrapped("web", module, `config.fleet.${what}`));
    expect(await read("networks.internal.subnet")).toBe("10.0.1.0/24");
    expect(await read("hosts.db.privateAddresses")).toEqual({ internal: "10.0.1.3" });
    expect(await read("hosts.web.privateAddresses")).toEqual({});
    expect(await read("hosts.db.volumes.data.size")).toBe(20);
    const device = wrapped("web", module, "config.fleet.hosts.db.volumes.data.device");
    expect(await evaluationError(device)).toContain("the volume is not there yet");
  });

  test("names the hosts of each tag, and reads no fact for it", async () => {
    const more = `${unknown} { fleet.hosts.mail = { provider = "existing"; tags = [ "data" "mail" ]; }; }`;
    expect(await evaluate(wrapped("web", more, "config.fleet.byTag"))).toEqual({
      data: ["db", "mail"],
      mail: ["mail"],
    });
    const own = `${unknown} { fleet.byTag.web = [ "web" ]; }`;
    expect(await evaluationError(wrapped("web", own, "config.fleet.byTag"))).toContain("read-only");
  });

  test("lets SSH know every host by name and address, where it is wanted", async () => {
    const keys = `{ fleet.hosts = {
      web = { hostKey = "ssh-ed25519 WEB"; ipv6 = "2001:db8::7"; };
      db = { hostKey = "ssh-ed25519 DB"; sshPort = 2222; privateAddresses.internal = "10.0.1.3"; };
      mail = { provider = "existing"; };
    }; }`;
    const addresses = facts('"198.51.100.9"').replace('throw "web has no address yet"', "null");
    const file = 'config.environment.etc."ssh/ssh_known_hosts".text';
    expect(
      await evaluate(wrapped("web", `${addresses} ${keys} { fleet.trustFleetHostKeys = true; }`, file)),
    ).toBe("[db]:2222,[198.51.100.9]:2222,[10.0.1.3]:2222 ssh-ed25519 DB\nweb,2001:db8::7 ssh-ed25519 WEB\n");
    expect(await evaluationError(wrapped("web", `${addresses} ${keys}`, file))).toContain("missing");
    expect(
      await evaluationError(wrapped("web", `${unknown} ${keys} { fleet.trustFleetHostKeys = true; }`, file)),
    ).toContain("has no address yet");
  });

  test("knows facts of one's own, each by itself", async () => {
    const fleetFacts = `${unknown} { fleet.facts = { url = "https://x"; port = throw "not yet"; }; }`;
    expect(await evaluate(wrapped("web", fleetFacts, "config.fleet.facts.url"))).toBe("https://x");
    expect(await evaluationError(wrapped("web", fleetFacts, "config.fleet.facts.port"))).toContain("not yet");
  });

  test("refuses facts of another host's stack", async () => {
    const error = await evaluationError(wrapped("web", `${unknown} { fleet.self = "mail"; }`, outPath));
    expect(error).toContain("no host named `mail` is in the facts of stack `fleet/prod`");
  });

  test.each([
    [
      '{ fleet.deployKeys = "a key"; }',
      "fleet.deployKeys' is not of type `list of string'",
      "config.fleet.deployKeys",
    ],
    [
      '{ fleet.hosts.web = { provider = "hetzner"; ip = "x"; }; }',
      "`fleet.hosts.web.ip' does not exist",
      "config.fleet.hosts.web.ipv4",
    ],
    [
      '{ fleet.hosts.web.provider = "aws"; }',
      "fleet.hosts.web.provider' is not of type",
      "config.fleet.hosts.web.provider",
    ],
    [
      "{ fleet.hosts.web.tags = [ ]; }",
      "`fleet.hosts.web.provider' was accessed but has no value",
      "config.fleet.hosts.web.provider",
    ],
  ])("checks facts: %s", async (module, message, read) => {
    expect(await evaluationError(wrapped("web", module, read))).toContain(message);
  });
});
