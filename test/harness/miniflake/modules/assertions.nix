{ lib, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    assertions = mkOption {
      type = types.listOf (
        types.submodule {
          options = {
            assertion = mkOption { type = types.bool; };
            message = mkOption { type = types.str; };
          };
        }
      );
      default = [ ];
      description = "What must hold for the system to be built.";
    };
    warnings = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "What the person who evaluates should read.";
    };
  };
}
