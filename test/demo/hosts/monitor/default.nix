# Watches the others, and itself: Prometheus, with the modules of this repository's hosts/.
{
  imports = [
    ../web/disko.nix
    ../metrics/exporter.nix
    ../metrics/server.nix
  ];

  networking.hostName = "monitor";
  system.stateVersion = "26.05";

  services.prometheus.globalConfig.scrape_interval = "1s";
}
