{ lib, ... }:
let
  inherit (lib) mkOption types;
  list = mkOption {
    type = types.listOf types.str;
    default = [ ];
    description = "Read by nixos-anywhere.";
  };
in
{
  options.nix.settings = {
    substituters = list;
    trusted-public-keys = list;
    trusted-users = list;
    experimental-features = list;
  };
}
