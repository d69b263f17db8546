import { describeBytes } from "../../../model/naming/format-bytes.ts";
import type { InstallSpec } from "../../../model/protocol/install.ts";
import type { MachineFacts } from "../machine/machine-facts.ts";
import { bootModeErrors } from "../preflight/boot-mode.ts";
import { lockoutErrors } from "../preflight/lock-out.ts";
import type { InfectFacts } from "./facts.ts";

/** Left free for the boot loader's files, logs and the first boot. */
const spare = 200 * 1024 ** 2;

/** Why NixOS could not take the running system's place; empty when it could, as far as is known. */
export function infectPreflightErrors(
  seen: Pick<MachineFacts, "architecture" | "root" | "firmware">,
  facts: InfectFacts,
  spec: Pick<InstallSpec, "system" | "connection">,
): string[] {
  const { system, connection } = spec;
  const errors: string[] = [];
  const architecture = system.platform.replace(/-linux$/, "");
  if (seen.architecture !== architecture)
    errors.push(`the system is built for ${system.platform}, the machine is ${seen.architecture}`);
  if (!seen.root) errors.push(`user "${connection.user}" may not become root by sudo`);
  if (facts.lacks.length > 0) errors.push(`the machine lacks ${facts.lacks.join(", ")}`);
  if (facts.nix && facts.record.state !== "present")
    errors.push("the machine has a Nix store of its own (/nix): remove it first");
  if (!facts.storeOnRoot) errors.push("/nix is a file system of its own: only / can be taken over");
  errors.push(...bootModeErrors(seen, { diskLayout: null, traits: system.traits }));
  errors.push(...fileSystemErrors(facts, spec), ...lockoutErrors(system.traits, connection));
  if (system.traits?.lustrates === false)
    errors.push(
      "systemd's initial RAM disk does not act on /etc/NIXOS_LUSTRATE by itself: import the module nixosModules.lustrate of the example flake",
    );
  return errors;
}

/**
 * Why a closure does not find room; empty when it does.
 * @param needed bytes of the store paths the machine lacks
 */
export function diskSpaceErrors({ free }: Pick<InfectFacts, "free">, needed: number): string[] {
  if (free >= needed + spare) return [];
  return [
    `the machine has ${describeBytes(free)} left for the store: the system takes ${describeBytes(needed + spare)}`,
  ];
}

/** The disks stay as they are, so the configuration has to name what is on them. */
function fileSystemErrors({ root, devices }: InfectFacts, { system }: Pick<InstallSpec, "system">): string[] {
  if (system.traits === null)
    return ["nothing is known of the configuration's file systems: give a flake, not a closure"];
  const wanted = system.traits.fileSystems;
  const errors = wanted.flatMap(({ mountPoint, device, fsType }) => {
    const known = devices.find(({ name }) => name === device);
    const where = `fileSystems."${mountPoint}"`;
    if (known === undefined) throw new Error(`the machine was not asked for ${device}`);
    if (known.path === null) return [`${where} is ${device}, and the machine has no such device`];
    if (mountPoint === "/" && known.path !== root)
      return [`${where} is ${device} (${known.path}), and the machine's root is ${root}`];
    if (fsType !== "auto" && known.content !== fsType)
      return [`${where} is ${fsType}, and ${device} holds ${known.content ?? "no file system"}`];
    return [];
  });
  if (!wanted.some(({ mountPoint }) => mountPoint === "/"))
    errors.push(`the configuration has no fileSystems."/" on a device; the machine's root is ${root}`);
  return errors;
}
