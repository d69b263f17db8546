# The system closure: what a NixOS system folder holds, with our activation programs in it.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.system) build nixos;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  failed = lib.filter (assertion: !assertion.assertion) config.assertions;

  text = path: source: {
    how = "text";
    inherit path source;
  };
  link = path: source: {
    how = "link";
    inherit path source;
  };
  program = path: source: {
    how = "program";
    inherit path source;
  };

  tools = pkgs.tree "activation-tools" [
    (program "units.sh" ../activation/units.sh)
    (program "unit-runner.sh" ../activation/unit-runner.sh)
  ];
  systemPath = pkgs.tree "system-path" (
    [
      (program "bin/systemctl" ../activation/systemctl.sh)
      (program "bin/journalctl" ../activation/journalctl.sh)
      (program "bin/nixos-version" ../activation/nixos-version.sh)
    ]
    ++ lib.optional config.boot.loader.systemd-boot.enable (
      program "bin/bootctl" ../activation/bootctl.sh
    )
  );
  toplevel = pkgs.tree "nixos-system-${config.networking.hostName}-${nixos.version}" (
    [
      (program "activate" ../activation/activate.sh)
      (program "bin/switch-to-configuration" ../activation/switch-to-configuration.sh)
      (program "init" ../activation/init.sh)
      (link "etc" "${build.etc}/etc")
      (link "libexec" tools)
      (link "sw" systemPath)
      (link "kernel" (pkgs.writeText "kernel" "no kernel: test machines share their host's\n"))
      (link "initrd" build.initialRamdisk)
      (text "kernel-params" (toString config.boot.kernelParams))
      (text "nixos-version" nixos.version)
      (text "system" config.nixpkgs.hostPlatform)
      (text "switch-inhibitors" (lib.toJSON config.system.switch.inhibitors))
      (text "fault" "${config.faults.inject} ${toString config.faults.seconds}")
    ]
    ++ lib.optional (config.faults.inject == "build") (
      link "broken" (pkgs.failure "broken" "faults.inject: this system does not build")
    )
  );
in
{
  options.system = {
    build = mkOption {
      type = types.attrsOf types.raw;
      default = { };
      description = "Derivations of the system.";
    };
    stateVersion = mkOption {
      type = types.str;
      description = "Release the host was first installed with.";
    };
    nixos.release = mkOption {
      type = types.str;
      default = "26.05";
      readOnly = true;
      description = "Release of NixOS this stands for.";
    };
    nixos.version = mkOption {
      type = types.str;
      default = "${nixos.release}.miniature";
      readOnly = true;
      description = "Version of the system.";
    };
    switch.inhibitors = mkOption {
      type = types.attrsOf types.str;
      default = {
        systemd = "miniature-units-1";
      };
      description = "What cannot change while the system runs: a difference refuses `switch` and `test`.";
    };
  };

  config.system.build.toplevel =
    if failed == [ ] then
      toplevel
    else
      throw "\nFailed assertions:\n${
        lib.concatMapStringsSep "\n" (assertion: "- ${assertion.message}") failed
      }";
}
