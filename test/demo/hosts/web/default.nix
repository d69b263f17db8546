# The web server. Its page has what the database says, which it asks over the private network each time.
{ config, ... }:
let
  db = config.fleet.hosts.db.privateAddresses.internal;
in
{
  imports = [
    ./disko.nix
    ../metrics/exporter.nix
  ];

  networking.hostName = "web";
  system.stateVersion = "26.05";

  services.httpd = {
    enable = true;
    script = ''echo "Hello from web. db at ${db} says: $(curl -sS --max-time 5 http://${db}:5432/ 2>&1)"'';
  };
}
