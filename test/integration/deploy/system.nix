# The miniature `web` with another page and more settings, as one host's system.
{ flake
, page
, settings
,
}:
let
  system = (import (flake + "/lib/system.nix")) {
    modules = [
      (flake + "/web")
      settings
      ({ lib, ... }: { services.httpd.page = lib.mkForce page; })
    ];
  };
  inherit (system.config.system.build) toplevel;
in
{
  toplevel = toplevel.outPath;
  toplevelDerivation = toplevel.drvPath;
}
