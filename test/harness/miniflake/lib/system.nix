# What `nixpkgs.lib.nixosSystem` gives: {config, options, pkgs, lib, class, extendModules} of a list of modules.
{ modules }:
let
  lib = import ./default.nix;

  describe =
    evaluated:
    let
      pkgs = import ./pkgs.nix { system = evaluated.config.nixpkgs.hostPlatform; };
    in
    {
      inherit lib pkgs;
      inherit (evaluated) options;
      # nixos-anywhere asks for `config.pkgs.system`.
      config = evaluated.config // {
        inherit pkgs;
      };
      class = "nixos";
      extendModules = extension: describe (evaluated.extendModules extension);
    };
in
describe (lib.evalModules { modules = [ ../modules ] ++ modules; })
