# facts -> configurations -> the configurations with one for each host of the facts, which are read from files that
# `npx fleet facts export` has put into the flake: for whatever builds these hosts without `pulumi up`.
#
# facts: a folder of such files, which may be empty or missing, or one file. A host has in `factsModules` what it was extended with. `pulumi up`
# takes `withoutFacts` of each configuration: what is written never decides what it deploys.
facts: plain:
let
  isFile = name: builtins.match ".*[.]json" name != null;
  files =
    if !builtins.pathExists facts then
      [ ]
    else if isFile (toString facts) then
      [ facts ]
    else
      map (name: facts + "/${name}") (builtins.filter isFile (builtins.attrNames (builtins.readDir facts)));

  claims = map
    (
      file:
      let
        written = builtins.fromJSON (builtins.readFile file);
      in
      builtins.mapAttrs (_: attribute: { inherit written attribute; }) written.configurations
    )
    files;

  # In place of what cannot be built. It can still be deployed by `pulumi up`.
  refused = host: reason: (plain.${host} or { }) // { config = throw "fleet: ${reason}"; };

  extended =
    host: { written, attribute }:
    if written.format or null != 1 then
      refused host "the facts of host `${host}` were written by another version: `npx fleet facts export`"
    else if !(plain ? ${attribute}) then
      refused host "host `${host}` uses nixosConfigurations.${attribute}, which does not exist: `pulumi up`, `npx fleet facts export`"
    else
      let
        factsModules = import ./modules.nix {
          fleetModule = ../fleet.nix;
          request = written // { inherit host; };
          observe = false;
        };
      in
      plain.${attribute}.extendModules { modules = factsModules; } // { inherit factsModules; };

  withFacts =
    host: claimed:
    (
      if builtins.length claimed == 1 then
        extended host (builtins.head claimed)
      else
        refused host "host `${host}` is in the facts of several stacks: name the file of one, as in `withFacts ./facts/prod.json`"
    )
    // {
      withoutFacts = plain.${host} or null;
    };
in
plain // builtins.zipAttrsWith withFacts claims
