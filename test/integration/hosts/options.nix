# The options of NixOS and disko our modules set, declared with types where the type matters here. Anything else we set is an error.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  option = type: mkOption { inherit type; };
  default = type: default: mkOption { inherit type default; };
  anything = mkOption {
    type = types.attrsOf types.anything;
    default = { };
  };
  user = types.submodule {
    options.openssh.authorizedKeys = {
      keys = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
      keyFiles = mkOption {
        type = types.listOf types.path;
        default = [ ];
      };
    };
  };
in
{
  options = {
    assertions = mkOption {
      type = types.listOf types.anything;
      default = [ ];
    };
    networking = {
      hostName = option types.str;
      firewall = anything;
      nftables.enable = option types.bool;
      useNetworkd = option types.bool;
      useDHCP = option types.bool;
      usePredictableInterfaceNames = option types.bool;
      wireguard = {
        useNetworkd = default types.bool true;
        interfaces = anything;
      };
    };
    programs.ssh.knownHosts = anything;
    services = {
      openssh = anything;
      nginx = anything;
      postgresql = anything;
      prometheus = {
        enable = default types.bool false;
        listenAddress = default types.str "0.0.0.0";
        retentionTime = default types.str "15d";
        scrapeConfigs = default (types.listOf types.anything) [ ];
        exporters.node = {
          enable = default types.bool false;
          port = default types.port 9100;
        };
      };
      udev.extraRules = mkOption {
        type = types.lines;
        default = "";
      };
      qemuGuest.enable = option types.bool;
    };
    systemd = {
      network.networks = anything;
      services = option (types.attrsOf (types.attrsOf types.anything));
      tmpfiles.rules = option (types.listOf types.str);
    };
    fileSystems = anything;
    environment.etc = anything;
    nix = {
      settings = anything;
      gc = {
        automatic = option types.bool;
        dates = option types.str;
        randomizedDelaySec = option types.str;
      };
      package = mkOption {
        type = types.str;
        default = "/nix-package";
      };
    };
    nixpkgs.hostPlatform = option types.str;
    time.timeZone = option types.str;
    boot = {
      initrd.availableKernelModules = option (types.listOf types.str);
      kernelParams = option (types.listOf types.str);
      swraid.mdadmConf = mkOption {
        type = types.lines;
        default = "";
      };
      loader = {
        efi.efiSysMountPoint = option types.str;
        efi.canTouchEfiVariables = option types.bool;
        systemd-boot.configurationLimit = option types.int;
        grub = {
          enable = option types.bool;
          efiSupport = option types.bool;
          efiInstallAsRemovable = option types.bool;
          configurationLimit = option types.int;
          devices = mkOption {
            type = types.listOf types.str;
            default = [ ];
          };
          mirroredBoots = mkOption {
            type = types.listOf types.anything;
            default = [ ];
          };
        };
      };
    };
    disko.devices = anything;
    system.stateVersion = option types.str;
    users = {
      mutableUsers = option types.bool;
      users = mkOption {
        type = types.attrsOf user;
        default = { };
      };
    };
  };
}
