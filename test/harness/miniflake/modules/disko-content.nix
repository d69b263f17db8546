# What can be on a partition, in disko's words: { type = option type; words = content: [ FORMAT MOUNTPOINT OPTIONS ], as disko/disko.sh
# takes them }.
lib:
let
  inherit (lib) mkOption types;

  filesystem = types.submodule {
    options = {
      type = mkOption {
        type = types.enum [ "filesystem" ];
        description = "Kind of content.";
      };
      format = mkOption {
        type = types.enum [
          "ext4"
          "vfat"
        ];
        description = "File system.";
      };
      mountpoint = mkOption {
        type = types.str;
        description = "Where it is mounted, below the new root.";
      };
      mountOptions = mkOption {
        type = types.listOf types.str;
        default = [ "defaults" ];
        description = "Options of mount(8).";
      };
    };
  };

  luks = types.submodule (
    { config, ... }:
    {
      options = {
        type = mkOption {
          type = types.enum [ "luks" ];
          description = "Kind of content.";
        };
        name = mkOption {
          type = types.str;
          description = "Name of the opened device.";
        };
        passwordFile = mkOption {
          type = types.nullOr types.str;
          default = null;
          example = "/tmp/disk.key";
          description = "File with the password of the first key slot; line ends at its end do not count.";
        };
        settings = mkOption {
          type = types.attrsOf types.anything;
          default = { };
          description = "Settings of `boot.initrd.luks.devices.<name>`; a `keyFile` among them takes the place of the password.";
        };
        askPassword = mkOption {
          type = types.bool;
          default = config.passwordFile == null && !(config.settings ? keyFile);
          description = "Whether to ask for the password at the console.";
        };
        extraFormatArgs = mkOption {
          type = types.listOf types.str;
          default = [ ];
          description = "Further arguments of cryptsetup-luksFormat(8).";
        };
        # No test machine could open it: their kernel has no device mapper.
        content = mkOption {
          type = types.enum [ null ];
          default = null;
          description = "Nothing: what is encrypted stays closed here.";
        };
      };
    }
  );

  kinds = {
    inherit filesystem luks;
  };
  kindOf =
    loc: definitions:
    let
      given = builtins.filter (definition: definition.value ? type) definitions;
      kind = (builtins.head given).value.type;
      same = builtins.all (definition: definition.value.type == kind) given;
    in
    if given != [ ] && same && kinds ? ${kind} then
      kind
    else
      throw "The option `${lib.showOption loc}' needs one type out of ${toString (builtins.attrNames kinds)}";

  luksKey =
    content:
    if content.settings ? keyFile then
      "key ${content.settings.keyFile}"
    else if content.askPassword then
      "ask -"
    else
      "password ${content.passwordFile}";
in
{
  type = {
    description = "content of a partition";
    check = builtins.isAttrs;
    merge = loc: definitions: kinds.${kindOf loc definitions}.merge loc definitions;
  };
  words =
    content:
    if content == null then
      [
        "none"
        "none"
        "none"
      ]
    else if content.type == "luks" then
      [
        "luks"
        "none"
        (lib.concatStringsSep " " ([ (luksKey content) ] ++ content.extraFormatArgs))
      ]
    else
      [
        content.format
        content.mountpoint
        (lib.concatStringsSep "," content.mountOptions)
      ];
}
