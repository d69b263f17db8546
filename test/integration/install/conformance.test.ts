import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nixEnvironment } from "../../../runtime/nix/environment.ts";
import { run } from "../../../runtime/platform/run-command.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { type BareMachine, bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { showConsoleOnFailure } from "./installing.ts";

// What our stand-in for nixos-anywhere does, said as a test that the real one passes too (FLEET_NIXOS_ANYWHERE=<path>).
let factory: TestMachineFactory;
let folder: string;
const flake = path.resolve(import.meta.dirname, "../../harness/miniflake");

beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(40);
  factory = await createMachineFactory();
  folder = mkdtempSync(path.join(tmpdir(), "conformance-"));
  mkdirSync(path.join(folder, "files", "var", "lib", "app"), { recursive: true });
  writeFileSync(path.join(folder, "files", "var", "lib", "app", "secret"), "s3cret\n", { mode: 0o600 });
  writeFileSync(path.join(folder, "disk-key"), "passphrase");
});
afterAll(async () => {
  await factory.close();
  rmSync(folder, { recursive: true });
});

/** Runs the program as a person would, without any of our own confinement. */
async function nixosAnywhere({ spec, userKey }: BareMachine, args: readonly string[]) {
  const identity = path.join(folder, `${spec.serverId}-key`);
  writeFileSync(identity, userKey.privateKey, { mode: 0o600 });
  const home = path.join(folder, `${spec.serverId}-home`);
  mkdirSync(home, { recursive: true });
  const target = ["--target-host", `root@${spec.connection.address}`, "-i", identity];
  const kexec = ["--kexec", spec.kexecTarball ?? ""];
  const { SSH_AUTH_SOCK: _, ...env } = nixEnvironment();
  const program = process.env["FLEET_NIXOS_ANYWHERE"] ?? "";
  const result = await run("bash", [program, ...target, ...kexec, ...args], {
    env: { ...env, HOME: home },
    timeoutSeconds: 90,
  });
  return { code: result.exitCode, said: `${result.stdout}\n${result.stderr}` };
}

test("a flake is built here and installed with files, owners, host keys and a disk key", async () => {
  const bare = await bareMachine(factory);
  const { machine, bootstrapKey } = bare;
  showConsoleOnFailure(machine);
  const { code, said } = await nixosAnywhere(bare, [
    ...["--flake", `path:${flake}#web`, "--build-on", "local", "--phases", "kexec,disko,install"],
    ...[
      "--extra-files",
      path.join(folder, "files"),
      "--chown",
      "/var/lib/app",
      "1234:2345",
      "--copy-host-keys",
    ],
    ...["--disk-encryption-keys", "/tmp/keys/disk", path.join(folder, "disk-key")],
    ...["--no-substitute-on-destination", "--option", "keep-outputs", "true"],
  ]);
  expect(said).toContain("### Done! ###");
  expect(code).toBe(0);
  const steps = [
    "Uploading install SSH keys",
    "Gathering machine facts",
    "Switching system into kexec",
    "Formatting hard drive with disko",
    "Uploading the system closure",
    "Copying extra files",
    "Installing NixOS",
  ];
  const seen = steps.map((step) => said.indexOf(`### ${step} ###`));
  expect(seen).not.toContain(-1);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  const stat = (file: string) => machine.console(["stat", "-c", "%a %u:%g", file]);
  expect((await stat("/mnt/var/lib/app/secret")).trim()).toBe("600 1234:2345");
  expect((await stat("/mnt")).trim()).toBe("755 0:0");
  expect((await stat("/tmp/keys/disk")).trim()).toBe("600 0:0");
  expect(await machine.console(["cat", "/tmp/keys/disk"])).toBe("passphrase");
  const copied = await machine.console(["cat", "/mnt/etc/ssh/ssh_host_ed25519_key.pub"]);
  expect(copied.split(" ")[1]).toBe(bootstrapKey.publicKey.split(" ")[1]);
  const loader = await machine.console(["cat", "/mnt/boot/loader/default"]);
  expect(loader).toMatch(/^\/nix\/store\/\S+-nixos-system-web\S*$/);

  // The installer is there already: kexec is skipped, and the machine restarts into the new system.
  const rebooted = await nixosAnywhere(bare, [
    "--flake",
    `path:${flake}#web`,
    "--build-on",
    "local",
    "--phases",
    "kexec,reboot",
  ]);
  expect(rebooted.said).not.toContain("Switching system into kexec");
  expect(rebooted.said).toContain("### Waiting for the machine to become unreachable due to reboot ###");
  expect(rebooted.code).toBe(0);
});

test("a failing disk script ends it with its own message, and nothing is installed", async () => {
  const bare = await bareMachine(factory);
  const { code, said } = await nixosAnywhere(bare, [
    "--flake",
    `path:${flake}#baddisk`,
    "--build-on",
    "local",
  ]);
  expect(code).not.toBe(0);
  expect(said).toContain("/dev/does-not-exist");
  expect(said).not.toContain("### Installing NixOS ###");
});

test("a host that the flake lacks, and one that does not build, fail before the machine is touched", async () => {
  const bare = await bareMachine(factory);
  for (const name of ["nobody", "badbuild"]) {
    const { code } = await nixosAnywhere(bare, ["--flake", `path:${flake}#${name}`, "--build-on", "local"]);
    expect(code).toBe(1);
  }
  expect(await bare.machine.sshCommands()).toEqual([]);
});
