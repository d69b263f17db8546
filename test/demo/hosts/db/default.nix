# A stand-in for a database: it answers at its private address only.
{ config, ... }:
{
  imports = [
    ./disko.nix
    ../metrics/exporter.nix
  ];

  networking.hostName = "db";
  system.stateVersion = "26.05";

  services.httpd = {
    enable = true;
    listenAddress = config.fleet.hosts.db.privateAddresses.internal;
    port = 5432;
    page = "3 rows";
  };
}
