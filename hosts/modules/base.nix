# What every host has: SSH by key only, a firewall, Nix that keeps what a rollback needs. Override anything in a host's own file.
{ config
, lib
, ...
}:
let
  inherit (lib) mkDefault;
in
{
  imports = [
    ./fleet.nix
    ./mesh
    ./metrics/exporter.nix
    ./volumes.nix
  ];

  services.openssh = {
    enable = true;
    settings = {
      PasswordAuthentication = false;
      KbdInteractiveAuthentication = false;
      PermitRootLogin = "prohibit-password";
    };
    # One key, the one the install puts there: known before the host exists.
    hostKeys = mkDefault [
      {
        type = "ed25519";
        path = "/etc/ssh/ssh_host_ed25519_key";
      }
    ];
  };
  users.mutableUsers = mkDefault false;

  networking.firewall.enable = mkDefault true;
  networking.nftables.enable = mkDefault true;

  # /boot holds a kernel and an initrd for each entry; generations beyond the limit stay until they are collected.
  boot.loader.grub.configurationLimit = mkDefault 10;
  boot.loader.systemd-boot.configurationLimit = mkDefault 10;

  nix = {
    settings = {
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      auto-optimise-store = mkDefault true;
    };
    gc = {
      automatic = mkDefault true;
      dates = mkDefault "weekly";
      randomizedDelaySec = mkDefault "1h";
    };
  };
  # By age, a host left alone for a while would lose the generation it has to roll back to: keep a number of them instead.
  systemd.services.nix-gc.preStart = lib.mkIf config.nix.gc.automatic ''
    ${config.nix.package}/bin/nix-env --profile /nix/var/nix/profiles/system --delete-generations +10
  '';

  # /etc/fleet/identity.json identifies the host, written by the install.
  systemd.tmpfiles.rules = [ "d /etc/fleet 0755 root root -" ];

  # A drop-in reads the same before and after nixpkgs' move from `extraConfig` to `settings` (26.11).
  environment.etc."systemd/journald.conf.d/50-limits.conf".text = ''
    [Journal]
    SystemMaxUse=500M
    MaxRetentionSec=3month
  '';

  time.timeZone = mkDefault "UTC";
}
