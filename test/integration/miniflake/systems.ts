import { copyOf, miniatureFlake, nixOutput } from "./nix.ts";

/** Hosts of the flake as it is. */
const plain = ["web", "db", "badunits", "badactivate", "crashloop", "killssh"] as const;

export type SystemName = (typeof plain)[number] | "web2" | "web2kept" | "db2";

/** Store path of each system. `web2`: another page; `web2kept`: and not to be restarted for it; `db2`: a key, other inhibitors. */
export type Systems = ReadonlyMap<SystemName, string>;

const build = (flake: string, host: string) =>
  nixOutput(
    "build",
    "--no-link",
    "--print-out-paths",
    `path:${flake}#nixosConfigurations.${host}.config.system.build.toplevel`,
  );

/** Builds the systems activations are tested with. */
export async function buildSystems(): Promise<Systems> {
  const systems = new Map<SystemName, string>();
  for (const host of plain) systems.set(host, await build(miniatureFlake, host));
  const edited = copyOf(miniatureFlake);
  try {
    edited.edit("web/default.nix", "version 1", "version 2");
    systems.set("web2", await build(edited.folder, "web"));
    edited.edit(
      "web/default.nix",
      "services.httpd = {",
      "systemd.services.httpd.restartIfChanged = false;\n  services.httpd = {",
    );
    systems.set("web2kept", await build(edited.folder, "web"));
    edited.edit(
      "db/default.nix",
      "services.database",
      `users.users.root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA me" ];
       system.switch.inhibitors.systemd = "2";
       services.database`,
    );
    systems.set("db2", await build(edited.folder, "db"));
  } finally {
    edited.remove();
  }
  return systems;
}
