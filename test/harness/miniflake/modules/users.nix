# Users, as far as SSH is concerned: keys end up in /etc/ssh/authorized_keys.d/<user>, NixOS' own place. Activation makes the accounts of
# persons; those in the group wheel have sudo without a password.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  user = types.submodule {
    options = {
      isNormalUser = mkOption {
        type = types.bool;
        default = false;
        description = "Whether a person logs in as this user.";
      };
      extraGroups = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Further groups.";
      };
      openssh.authorizedKeys = {
        keys = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "Public keys that may log in.";
        };
        keyFiles = mkOption {
          type = types.listOf types.path;
          default = [ ];
          description = "Files with public keys that may log in.";
        };
      };
    };
  };
  keysOf =
    user:
    user.openssh.authorizedKeys.keys ++ map builtins.readFile user.openssh.authorizedKeys.keyFiles;
  persons = lib.filterAttrs (_: user: user.isNormalUser) config.users.users;
in
{
  options.users.users = mkOption {
    type = types.attrsOf user;
    default = { };
    description = "Users by name.";
  };

  config = {
    users.users.root = { };
    environment.etc = lib.mkMerge [
      (lib.listToAttrs (
        lib.mapAttrsToList
          (
            name: user:
              lib.nameValuePair "ssh/authorized_keys.d/${name}" {
                text = lib.concatMapStringsSep "" (key: "${key}\n") (keysOf user);
                mode = "0444";
              }
          )
          (lib.filterAttrs (_: user: keysOf user != [ ]) config.users.users)
      ))
      (lib.mkIf (persons != { }) {
        # One line a person: name and groups.
        persons.text = lib.concatStringsSep "" (
          lib.mapAttrsToList (name: user: "${name} ${toString user.extraGroups}\n") persons
        );
        sudoers = {
          text = ''
            root ALL=(ALL:ALL) ALL
            %wheel ALL=(ALL:ALL) NOPASSWD: ALL
          '';
          mode = "0440";
        };
      })
    ];
  };
}
