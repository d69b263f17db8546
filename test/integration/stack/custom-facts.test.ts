import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { testAddress } from "../addresses.ts";
import { nixOutput } from "../miniflake/nix.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { pageOf } from "./look.ts";
import { createNixosMachines } from "./nixos-machines.ts";
import type { EngineRun } from "./test-stack.ts";
import { expectUnchanged } from "./unchanged.ts";

const page = 'page = "Hello from web, version 1"';

/** Another project in the same state backend, whose outputs can be changed. */
async function createShop({
  project,
}: StackFixture): Promise<{ stack: Stack; write(url: string, ports?: readonly number[]): void }> {
  const folder = path.join(project.folder, "shop");
  const write = (url: string, ports: readonly number[] = [8080, 8443]) =>
    writeFileSync(
      path.join(folder, "index.mjs"),
      `import * as pulumi from "@pulumi/pulumi";
export const apiUrl = ${JSON.stringify(url)};
export const ports = ${JSON.stringify(ports)};
export const token = pulumi.secret("open sesame");\n`,
    );
  mkdirSync(folder);
  writeFileSync(path.join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(path.join(folder, "package.json"), '{"name":"shop","type":"module","main":"index.mjs"}\n');
  write("https://one.example.org");
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "prod", workDir: folder },
    { envVars: { ...project.environment } },
  );
  await stack.up();
  return { stack, write };
}

/** Has the project's flake read facts that are written into it, by the real module. */
function readWrittenFacts({ hosts, editHosts }: StackFixture["project"]): void {
  for (const part of ["facts", "fleet.nix"])
    cpSync(path.join(packageRoot(), "hosts/modules", part), path.join(hosts, "modules", part), {
      recursive: true,
    });
  editHosts("flake.nix", "nixosConfigurations = {", "nixosConfigurations = import ./modules/facts ./facts {");
}

/** Makes the project run its own copy of the program, with facts that the program gives. */
function giveOwnFacts({ folder }: { readonly folder: string }, facts: string): void {
  const upwards = `"${path.relative(folder, packageRoot())}/`;
  const program = readFileSync(path.join(packageRoot(), "index.ts"), "utf8");
  const empty = "const programFacts: ProgramFacts = {};";
  if (!program.includes(empty)) throw new Error("index.ts names its own facts in another way");
  const imports = 'import * as pulumi from "@pulumi/pulumi";\nimport * as random from "@pulumi/random";\n';
  writeFileSync(
    path.join(folder, "index.ts"),
    imports +
      program.replaceAll('"./', upwards).replace(empty, `const programFacts: ProgramFacts = ${facts};`),
  );
  const start =
    'import { register } from "tsx/esm/api";\nregister();\nconst program = await import("./index.ts");\n';
  const outputs = ["hosts", "loadBalancers", "credentials", "facts", "nextSteps"];
  const exported = outputs.map((name) => `export const ${name} = program.${name};\n`);
  writeFileSync(path.join(folder, "program.mjs"), [start, ...exported].join(""));
  const manifest = path.join(folder, "package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"main":"[^"]*"/, '"main":"./program.mjs"'));
}

/** In order. */
describe("facts of one's own", () => {
  let fixture: StackFixture;
  let shop: Awaited<ReturnType<typeof createShop>>;
  const names = ["web", "db", "web-b"];
  const shopOutput = (output: string, stack = "organization/shop/prod") => ({ stack, output });
  const outputs = { api: shopOutput("apiUrl"), unread: shopOutput("ports") };

  const configure = (facts: Readonly<Record<string, unknown>>, count = 2) => {
    const hosts = names.slice(0, count).map((name) => {
      const flake = name === "db" ? "./hosts#db" : "./hosts#web";
      const address = testAddress(30 + names.indexOf(name));
      const tags = name === "db" ? [] : ["web"];
      return [name, { provider: "existing", bootstrap: "none", trustOnFirstUse: true, address, flake, tags }];
    });
    fixture.configure(Object.fromEntries(hosts), { "hcloud:token": "", "fleet:facts": facts });
  };
  const deployments = ({ changes }: EngineRun) =>
    Object.keys(changes).filter((name) => name.endsWith("-deployment-run"));
  const git = (...args: string[]) => execa("git", args, { cwd: fixture.project.hosts });
  /** What `fleet facts` says, and its exit code. */
  const facts = async (...words: string[]) => {
    const { folder: cwd, environment } = fixture.project;
    const command = [path.join(packageRoot(), "cli/bin.mjs"), "--stack", "test", "facts", ...words];
    const answer = await execa("node", command, { cwd, env: { ...environment }, all: true, reject: false });
    return { code: answer.exitCode, said: answer.all };
  };
  const served = async (name: string) => pageOf((await fixture.host(name)).address);

  beforeAll(async () => {
    fixture = await createStack();
    await createNixosMachines(fixture, names, 30);
    shop = await createShop(fixture);
    fixture.project.editHosts(
      "web/default.nix",
      page,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Nix.
      'page = "API at ${config.fleet.facts.api} for ${toString config.fleet.byTag.web}"',
    );
    fixture.project.editHosts("web/default.nix", "{\n", "{ config, ... }:\n{\n");
    readWrittenFacts(fixture.project);
    await git("add", "--all");
  });
  afterAll(() => fixture.close());

  it("are refused, all at once, where another stack does not have them or keeps them secret", async () => {
    configure({ url: shopOutput("apiUlr"), token: shopOutput("token"), port: 80 });
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain("the configuration has 2 errors; nothing was changed:");
    expect(run.output).toContain(
      'fleet:facts.url.output: "apiUlr" is not an output of stack "organization/shop/prod"; did you mean "apiUrl"?',
    );
    expect(run.output).toContain(
      'fleet:facts.token.output: "token" is a secret: facts end up in the Nix store',
    );
    expect(run.output).not.toContain("open sesame");
  });

  it("name the stack that is not there", async () => {
    configure({ url: shopOutput("apiUrl", "organization/shop/production") });
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain('unknown stack "organization/shop/production"');
  });

  it("reach the host that reads them", async () => {
    configure(outputs);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await served("web")).toBe("API at https://one.example.org for web");
    expectUnchanged(await fixture.up());
  });

  it("redeploy that host alone when another stack's output changes, and only one that is read", async () => {
    shop.write("https://two.example.org");
    await shop.stack.up();
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployments(run)).toEqual(["web-deployment-run"]);
    expect(await served("web")).toBe("API at https://two.example.org for web");
    shop.write("https://two.example.org", [9090]);
    await shop.stack.up();
    expectUnchanged(await fixture.up());
  });

  it("go with a new host of a tag: those that read the tag are redeployed, the others are not", async () => {
    configure(outputs, 3);
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployments(run).sort()).toEqual(["web-b-deployment-run", "web-deployment-run"]);
    expect(await served("web")).toBe("API at https://two.example.org for web web-b");
  });

  it("are written into the flake, which then gives anybody the very systems that are deployed", async () => {
    expect(await facts("check")).toMatchObject({
      code: 1,
      said: expect.stringContaining("hosts/facts/test.json is not there"),
    });
    const written = await facts("export");
    expect(written).toMatchObject({ code: 0, said: expect.stringContaining("`git add` it") });
    await git("add", "facts");
    expect(await facts("check")).toMatchObject({ code: 0 });
    for (const name of names) {
      const system = `${fixture.project.hosts}#nixosConfigurations.${name}.config.system.build.toplevel`;
      const deployed = (await fixture.host(name)).system;
      expect(await nixOutput("eval", "--raw", `${system}.outPath`)).toBe(deployed);
      const { stdout: deriver } = await execa("nix-store", ["--query", "--deriver", deployed]);
      expect(await nixOutput("eval", "--raw", `${system}.drvPath`)).toBe(deriver);
    }
    const { stdout: secrets } = await execa(
      "pulumi",
      ["stack", "output", "credentials", "--show-secrets", "--json"],
      {
        cwd: fixture.project.folder,
        env: { ...fixture.project.environment },
      },
    );
    const { privateKey } = z.object({ privateKey: z.string() }).parse(JSON.parse(secrets));
    const file = readFileSync(path.join(fixture.project.hosts, "facts/test.json"), "utf8");
    for (const line of privateKey.split("\n").filter((text) => text.length > 40))
      expect(file).not.toContain(line);
    expectUnchanged(await fixture.up());
  });

  it("are those of the stack, whatever is written; a preview warns that it is stale", async () => {
    shop.write("https://three.example.org");
    await shop.stack.up();
    const stale = "hosts/facts/test.json does not hold the facts of the stack (facts.api, facts.unread)";
    const preview = await fixture.preview();
    expect(preview.output.replace(/\s+/g, " ")).toContain(
      `${stale}: other tools build other systems from it`,
    );
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await served("web")).toBe("API at https://three.example.org for web web-b");
    expect(await facts("check")).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        'facts.api: "https://three.example.org" in the stack, "https://two.example.org" in the file',
      ),
    });
    expect(await facts("export")).toMatchObject({ code: 0 });
    expect((await fixture.up()).output).not.toContain("does not hold the facts");
  });

  it("may be Outputs of the program: one that is not known yet holds up its readers alone", async () => {
    giveOwnFacts(fixture.project, '{ api: new random.RandomId("api", { byteLength: 4 }).hex }');
    configure({}, 3);
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    for (const name of ["web", "web-b"])
      expect(run.output).toContain(`${name}: the system is unknown until what gives facts.api exists`);
    expect(run.output).not.toContain("db: the system is unknown");
    expect(deployments(run).sort()).toEqual(["web-b-deployment-run", "web-deployment-run"]);
  });

  it("must not be secret, whether a host reads them or not", async () => {
    giveOwnFacts(fixture.project, '{ api: "plain", other: pulumi.secret("open sesame") }');
    const run = await fixture.preview();
    expect(run.ok).toBe(false);
    expect(run.output).toContain('the fact "other" is a secret: facts end up in the Nix store');
    expect(run.output).not.toContain("open sesame");
  });
});
