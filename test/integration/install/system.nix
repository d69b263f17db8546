# A host of the miniature flake with more settings, as an install needs it.
{ flake
, wrapper
, host
, settings
, modules
,
}:
let
  system = (import (flake + "/lib/system.nix")) {
    modules = [
      (flake + "/${host}")
      settings
    ]
    ++ map (module: /. + module) modules;
  };
  inherit (system.config.system.build) toplevel diskoScript diskoScriptNoDeps;
in
{
  toplevel = toplevel.outPath;
  toplevelDerivation = toplevel.drvPath;
  disko = diskoScript.outPath;
  diskoDerivation = diskoScript.drvPath;
  diskoWithoutTools = {
    output = diskoScriptNoDeps.outPath;
    derivation = diskoScriptNoDeps.drvPath;
  };
  diskLayout = import (wrapper + "/disk-layout.nix") system.config.disko.devices;
  traits = import (wrapper + "/traits.nix") system.config;
}
