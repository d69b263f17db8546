# NixOS configuration -> the store paths `pulumi up` works with.
configuration:
let
  inherit (configuration.config.system) build;
  pkgs = configuration.pkgs or configuration._module.args.pkgs;
  paths = derivation: {
    output = derivation.outPath;
    derivation = derivation.drvPath;
  };
in
{
  toplevel = paths build.toplevel;
  disko = if build ? diskoScript then paths build.diskoScript else null;
  # Relies on tools the installer has: for machines with little memory.
  diskoWithoutTools = if build ? diskoScriptNoDeps then paths build.diskoScriptNoDeps else null;
  diskLayout = import ./disk-layout.nix (configuration.config.disko.devices or { });
  traits = import ./traits.nix configuration.config;
  platform = pkgs.stdenv.hostPlatform.system or pkgs.system;
}
