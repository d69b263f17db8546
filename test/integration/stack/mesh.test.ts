import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import type { ScalewayCloud } from "../../harness/cloud/scaleway/cloud.ts";
import { machineProgram } from "../../harness/machines/machine-programs.ts";
import { createStack, type StackFixture } from "./fixture.ts";
import { onHost } from "./look.ts";
import { scalewayConfig, startScalewayBeside } from "./scaleway-beside.ts";
import type { EngineRun } from "./test-stack.ts";
import { expectUnchanged } from "./unchanged.ts";

const programs = { "wireguard-go": machineProgram("wireguard-go"), wg: machineProgram("wg") };
const lacking = Object.values(programs).includes(undefined);

/** Brings the module that is under test into the project's flake, and the programs a kernel and nixpkgs would have. */
async function addMesh({ hosts, editHosts }: StackFixture["project"]): Promise<void> {
  cpSync(path.join(packageRoot(), "hosts/modules/mesh"), path.join(hosts, "mesh"), { recursive: true });
  mkdirSync(path.join(hosts, "wireguard"));
  for (const [name, program] of Object.entries(programs))
    if (program !== undefined) copyFileSync(program, path.join(hosts, "wireguard", name));
  for (const name of ["web", "db"])
    editHosts(
      `${name}/default.nix`,
      "imports = [ ./disko.nix ];",
      "imports = [ ./disko.nix ../mesh ];\n  networking.wireguard.programs = ../wireguard;",
    );
  await execa("git", ["-C", hosts, "add", "--all"]);
}

/** In order: one host at each of two clouds. WireGuard is the real one, outside the kernel. */
describe.skipIf(lacking)("a mesh over two clouds", () => {
  let fixture: StackFixture;
  let scaleway: ScalewayCloud;
  const minutes = 60_000;

  beforeAll(async () => {
    fixture = await createStack();
    scaleway = await startScalewayBeside(fixture);
    await addMesh(fixture.project);
    configure({ web: ["mesh"] });
  });
  afterAll(async () => {
    await scaleway?.close();
    await fixture?.close();
  });

  /** The hosts there are, with their tags. */
  function configure({ web, db }: { web: readonly string[]; db?: readonly string[] }): void {
    fixture.configure(
      {
        web: { provider: "scaleway", zone: "pl-waw-2", image: "debian-12", tags: web },
        ...(db === undefined ? {} : { db: { tags: db } }),
      },
      scalewayConfig(scaleway),
    );
  }

  const shell = (host: string, command: string) => onHost(fixture, host, "sh", "-c", command);
  const wireguard = (host: string, what: string) =>
    shell(
      host,
      `$(sed -n 's/^ExecStart=[^ ]* [^ ]* \\([^ ]*\\) .*/\\1/p' /etc/systemd/system/wireguard-mesh0.service)/wg show mesh0 ${what}`,
    );
  /** Its address in the mesh: the one the interface has. */
  const meshAddress = async (host: string) => {
    const found = await shell(host, "ip -6 -o address show dev mesh0 scope global");
    return /inet6 (fd[0-9a-f:]+)\/128/.exec(found)?.[1] ?? `none: ${found}`;
  };
  const page = (from: string, address: string) =>
    shell(from, `curl -sSf --max-time 5 'http://[${address}]/'`).then(
      (text) => text.trim(),
      (error: unknown) => String(error),
    );
  const deployments = ({ changes }: EngineRun) =>
    Object.keys(changes)
      .filter((name) => name.endsWith("-deployment-run"))
      .sort();

  it("begins with one host, which waits for nobody", { timeout: 15 * minutes }, async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(await meshAddress("web")).toMatch(/^fd/);
    expect(await wireguard("web", "peers")).toBe("");
  });

  it("shows in a preview that a system of it waits for a new host", { timeout: 5 * minutes }, async () => {
    configure({ web: ["mesh"], db: ["mesh"] });
    const run = await fixture.preview();
    expect(run.ok, run.output).toBe(true);
    expect(run.output).toMatch(/web: the system is unknown until .*"db"/);
  });

  it("takes the host in, and carries what one asks the other, to the address the facts name", {
    timeout: 20 * minutes,
  }, async () => {
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployments(run)).toEqual(["db-deployment-run", "web-deployment-run"]);
    const { address } = await fixture.host("web");
    const web = await meshAddress("web");
    await expect
      .poll(() => page("db", web), { timeout: 2 * minutes, interval: 1000 })
      .toBe("Hello from web, version 1");
    const [key, endpoint] = (await wireguard("db", "endpoints")).trim().split("\t");
    expect([key, endpoint]).toEqual([(await wireguard("web", "public-key")).trim(), `${address}:51820`]);
    const [, received, sent] = (await wireguard("db", "transfer")).trim().split("\t");
    expect(Number(received)).toBeGreaterThan(100);
    expect(Number(sent)).toBeGreaterThan(100);
    expect(await shell("db", `ip -6 route get ${web}`)).toContain("dev mesh0");
  });

  it("knows each host by the key that belongs to its host key, which is nowhere but on the host", async () => {
    for (const [host, other] of [
      ["web", "db"],
      ["db", "web"],
    ] as const) {
      const own = (await wireguard(host, "public-key")).trim();
      expect((await wireguard(other, "peers")).trim()).toBe(own);
    }
    const looked = await shell("db", "stat -c '%a %U' /run/fleet-mesh /run/fleet-mesh/private-key");
    expect(looked.trim().split("\n")).toEqual(["700 root", "600 root"]);
    const secret = (await shell("db", "cat /run/fleet-mesh/private-key")).trim();
    const { environment, folder } = fixture.project;
    const state = await execa("pulumi", ["stack", "export", "--show-secrets", "--stack", "test"], {
      cwd: folder,
      env: { ...environment },
    });
    expect(state.stdout).toContain("OPENSSH PRIVATE KEY");
    expect(state.stdout).not.toContain(secret);
    const found = `grep -rlF -f /run/fleet-mesh/private-key /nix/store /etc /var/log 2>/dev/null || true`;
    expect(await shell("db", found)).toBe("");
  });

  it("changes nothing with the next up", { timeout: 10 * minutes }, async () => {
    expectUnchanged(await fixture.up());
  });

  it("is left by a host that loses the tag: both are redeployed, and it is shut out", {
    timeout: 15 * minutes,
  }, async () => {
    const web = await meshAddress("web");
    configure({ web: ["mesh"], db: [] });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    expect(deployments(run)).toEqual(["db-deployment-run", "web-deployment-run"]);
    expect(await wireguard("web", "peers")).toBe("");
    expect(await shell("db", "ip -o link")).not.toContain("mesh0");
    expect(await meshAddress("web")).toBe(web);
    expect(await page("db", web)).not.toContain("Hello");
  });
});
