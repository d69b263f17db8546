# flake -> attribute -> the NixOS configuration of that name, or an error our program can read.
flake: attribute:
let
  configurations = flake.nixosConfigurations or { };
  found = configurations.${attribute};
in
if !(configurations ? ${attribute}) then
  throw "fleet-no-configuration:${builtins.toJSON (builtins.attrNames configurations)}"
else if !(found ? extendModules) then
  throw "fleet-not-extensible:nixosConfigurations.${attribute} has no `extendModules`: it is not made by `nixosSystem`"
else
  found
