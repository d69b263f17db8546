# flake -> attribute -> the NixOS configuration of that name, or an error our program can read.
flake: attribute:
let
  configurations = flake.nixosConfigurations or { };
  given = configurations.${attribute};
  # Facts written into the flake (`fleet facts export`) are for others: the facts are those of now.
  found = given.withoutFacts or given;
in
if !(configurations ? ${attribute}) || found == null then
  throw "fleet-no-configuration:${builtins.toJSON (builtins.filter (name: name != attribute) (builtins.attrNames configurations))}"
else if !(found ? extendModules) then
  throw "fleet-not-extensible:nixosConfigurations.${attribute} has no `extendModules`: it is not made by `nixosSystem`"
else
  found
