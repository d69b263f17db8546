# The web server, with a page that needs another host's address: it evaluates only where the facts are known.
{ config, lib, ... }:
{
  imports = [ ../web ];

  services.httpd.page = lib.mkForce "The database is at ${config.fleet.hosts.db.ipv4}";
}
