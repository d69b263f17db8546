# Our wrapper in small: a host of a flake, extended with the real fleet module and facts. modules: further modules, a list.
{ flake
, host
, fleetModule
, modules ? [ ]
,
}:
(builtins.getFlake "path:${toString flake}").nixosConfigurations.${host}.extendModules {
  modules = [ fleetModule ] ++ modules;
}
