# What our modules say about a host, without NixOS under them. flake: the hosts folder; lib: a module system; modules: on top.
{ flake
, lib
, platform ? "x86_64-linux"
,
}:
let
  evaluate =
    modules:
    lib.evalModules {
      specialArgs = {
        modulesPath = ./nixos;
        pkgs = {
          stdenv.hostPlatform.isx86 = platform == "x86_64-linux";
          util-linux = "/util-linux";
        };
      };
      modules = [ ./options.nix ] ++ modules;
    };

  # The flake's own outputs, its inputs replaced by what they are used for.
  outputs = (import (flake + "/flake.nix")).outputs {
    self = throw "no host may look at the flake itself";
    nixpkgs.lib.nixosSystem = { modules }: evaluate modules;
    disko.nixosModules.disko = { };
    sops-nix.nixosModules.sops = { };
    nixos-anywhere = throw "no host may look at nixos-anywhere";
  };
in
{
  inherit outputs;

  # {config, failed} of a host, with modules on top.
  host =
    name: modules:
    let
      inherit (outputs.nixosConfigurations.${name}.extendModules { inherit modules; }) config;
    in
    {
      inherit config;
      failed = map (assertion: assertion.message) (
        lib.filter (assertion: !assertion.assertion) config.assertions
      );
    };

  # {devices, boot, failed} of a disk layout.
  layout =
    name: arguments:
    let
      inherit
        (evaluate [
          outputs.nixosModules.base
          (outputs.modules.disk.${name} arguments)
          { networking.hostName = "any"; }
          { fleet.deployKeys = [ "a key" ]; }
        ])
        config
        ;
    in
    {
      inherit (config.disko) devices;
      inherit (config.boot.loader) grub efi;
      failed = map (assertion: assertion.message) (
        lib.filter (assertion: !assertion.assertion) config.assertions
      );
    };
}
