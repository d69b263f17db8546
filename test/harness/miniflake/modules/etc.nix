# /etc: links into the store, or copies where a file has a mode (`<path>.mode` beside it tells activation so, as in NixOS).
{ config
, lib
, ...
}:
let
  inherit (lib) mkOption types;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  entries = lib.attrValues config.environment.etc;

  entry = types.submodule (
    { name, config, ... }:
    {
      options = {
        target = mkOption {
          type = types.str;
          default = name;
          description = "Path below /etc.";
        };
        text = mkOption {
          type = types.lines;
          description = "Content of the file.";
        };
        source = mkOption {
          type = types.path;
          default = pkgs.writeText (baseNameOf name) config.text;
          description = "File to link to.";
        };
        mode = mkOption {
          type = types.str;
          default = "symlink";
          example = "0444";
          description = "Mode of a copy, or `symlink`.";
        };
      };
    }
  );
in
{
  options.environment.etc = mkOption {
    type = types.attrsOf entry;
    default = { };
    description = "Files in /etc.";
  };

  config = {
    environment.etc.os-release.text = ''
      ID=nixos
      NAME=NixOS
      PRETTY_NAME="NixOS ${config.system.nixos.release} (miniature)"
      VERSION_ID="${config.system.nixos.release}"
    '';
    system.build.etc = pkgs.tree "etc" (
      lib.concatMap
        (
          file:
          [
            {
              how = "link";
              path = "etc/${file.target}";
              inherit (file) source;
            }
          ]
          ++ lib.optional (file.mode != "symlink") {
            how = "text";
            path = "etc/${file.target}.mode";
            source = file.mode;
          }
        )
        entries
    );
  };
}
