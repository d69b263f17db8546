import { cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DeployedFacts, factsText, writtenFacts } from "../../../model/facts/facts-file.ts";
import { exampleFacts } from "../../unit/deployed-facts.ts";
import { type Copy, copyOf, evaluate, evaluationError, miniatureFlake, repository } from "./nix.ts";

let flake: Copy;
beforeEach(() => {
  flake = copyOf(miniatureFlake);
  cpSync(path.join(repository, "hosts/modules/facts"), path.join(flake.folder, "modules/facts"), {
    recursive: true,
  });
  cpSync(path.join(repository, "hosts/modules/fleet.nix"), path.join(flake.folder, "modules/fleet.nix"));
});
afterEach(() => flake.remove());

const facts = exampleFacts();

/** Writes the facts of a stack into `facts/`. `configurations`: by host, its name in the flake. */
function write(
  configurations: Readonly<Record<string, string>>,
  { stack = "prod", of = facts }: { stack?: string; of?: DeployedFacts } = {},
): void {
  mkdirSync(path.join(flake.folder, "facts"), { recursive: true });
  flake.write(`facts/${stack}.json`, factsText(writtenFacts(of, configurations)));
}

const from = (source: string) => `(import ${flake.folder}/modules/facts ${flake.folder}/${source}
  (builtins.getFlake "path:${flake.folder}").nixosConfigurations)`;
const read = (what: string, source = "facts") => evaluate(`${from(source)}.${what}`);
const outPath = "config.system.build.toplevel.outPath";

describe("facts that are written into a flake", () => {
  test("reach each of its hosts, under the name the stack gives it", async () => {
    write({ web: "web", mail: "db" });
    const fleet = (host: string) => read(`${host}.config.fleet`);
    expect(await fleet("web")).toMatchObject({
      ...{ managed: true, self: "web", project: "fleet", stack: "prod" },
      deployKeys: ["ssh-ed25519 deploy"],
      facts: { url: "https://x", ports: [80, 443] },
      byTag: { edge: ["web"], eu: ["web"] },
      hosts: {
        web: { ipv4: "203.0.113.7", location: "nbg1", volumes: { data: { device: "/dev/disk/by-id/data" } } },
        mail: { ipv4: null, peerAddress: "2001:db8:2::1" },
      },
    });
    expect(await read("mail.config.fleet.self")).toBe("mail");
    expect(await read("mail.config.networking.hostName")).toBe("db");
    expect(await read('web.config.environment.etc."ssh/authorized_keys.d/root".text')).toBe(
      "ssh-ed25519 deploy\n",
    );
  });

  test("are there as modules, for tools that put hosts together themselves", async () => {
    write({ mail: "db" });
    const plain = `(builtins.getFlake "path:${flake.folder}").nixosConfigurations.db`;
    const own = `(${plain}.extendModules { modules = ${from("facts")}.mail.factsModules; }).${outPath}`;
    expect(await evaluate(own)).toBe(await read(`mail.${outPath}`));
    expect(await evaluate(own)).not.toBe(await evaluate(`${plain}.${outPath}`));
  });

  test("leave other hosts, and flakes without any, as they were", async () => {
    const plain = `(builtins.getFlake "path:${flake.folder}").nixosConfigurations.db.${outPath}`;
    const before = await evaluate(plain);
    for (const source of ["facts", "facts/prod.json"])
      expect(await read(`db.${outPath}`, source)).toBe(before);
    write({ web: "web" });
    flake.write("facts/README.md", "Not one of them.\n");
    expect(await read(`db.${outPath}`)).toBe(before);
    expect(await read("web.config.fleet.self", "facts/prod.json")).toBe("web");
  });

  test("are those of one stack: a host of two does not build, and can still be deployed", async () => {
    write({ web: "web" });
    write({ web: "web", mail: "db" }, { stack: "staging" });
    expect(await evaluationError(`${from("facts")}.web.${outPath}`)).toContain(
      "host `web` is in the facts of several stacks: name the file of one",
    );
    expect(await read("web.withoutFacts.config.networking.hostName")).toBe("web");
    expect(await read("mail.config.fleet.self")).toBe("mail");
    expect(await read("web.config.fleet.self", "facts/prod.json")).toBe("web");
  });

  test("refuse what they cannot be given to", async () => {
    write({ web: "front" });
    expect(await evaluationError(`${from("facts")}.web.${outPath}`)).toContain(
      "host `web` uses nixosConfigurations.front, which does not exist",
    );
    expect(await read("web.withoutFacts.config.networking.hostName")).toBe("web");
    write({ web: "web" });
    flake.edit("facts/prod.json", '"format": 1', '"format": 2');
    expect(await evaluationError(`${from("facts")}.web.${outPath}`)).toContain("by another version");
  });

  test("say which one is missing", async () => {
    const { "hosts.mail.ipv6": _, ...known } = facts.known;
    write({ web: "web" }, { of: { ...facts, known } });
    expect(await evaluationError(`${from("facts")}.web.config.fleet.hosts.mail.ipv6`)).toContain(
      "the fact fleet.hosts.mail.ipv6 is not known yet",
    );
  });

  test("are nothing to `pulumi up`: it takes the configuration without them", async () => {
    write({ web: "db", mail: "web" });
    flake.edit(
      "flake.nix",
      "nixosConfigurations = {",
      "nixosConfigurations = import ./modules/facts ./facts {",
    );
    const taken = (attribute: string) =>
      `(import ${repository}/runtime/nix/evaluation/wrapper/configurations.nix (builtins.getFlake "path:${flake.folder}") "${attribute}")`;
    expect(await evaluate(`${taken("web")}.config.networking.hostName`)).toBe("web");
    expect(await evaluate(`${taken("web")}.options ? fleet`)).toBe(false);
    expect(await evaluate(`${taken("db")}.config.networking.hostName`)).toBe("db");
    const none = await evaluationError(`${taken("mail")}.config`);
    expect(none).toContain("fleet-no-configuration:");
    expect(none).not.toContain("mail");
  });
});
