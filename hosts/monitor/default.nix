# Watches the others: its Prometheus scrapes every host with the tag `monitored`. Give this one the tag `monitoring`.
{
  imports = [
    ../modules/hardware/hetzner.nix
    ../modules/metrics/server.nix
    ./disko.nix
  ];

  networking.hostName = "monitor";
  # The release this host was first installed with: never changed on an installed host.
  system.stateVersion = "26.05";

  services.prometheus.retentionTime = "90d";
}
