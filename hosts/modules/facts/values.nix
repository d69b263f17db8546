# The value of `config.fleet` of a host, from the facts as `pulumi up` gives them to Nix, or `fleet facts export` wrote them.
#
# `request.known` holds the facts known now by path (`hosts.db.ipv4`). Any other fact is a throw that laziness leaves alone until an option
# reads it. With `observe` every fact read is announced first, also where a `tryEval` would swallow the throw.
{ request, observe }:
let
  announce = message: value: if observe then builtins.trace message value else value;

  fact =
    path:
    if request.known ? ${path} then
      announce "fleet-fact-used:${path}" request.known.${path}
    else
      announce "fleet-fact-unknown:${path}" (throw "the fact fleet.${path} is not known yet");

  dynamicFacts =
    host:
    builtins.listToAttrs (
      map
        (name: {
          inherit name;
          value = fact "hosts.${host}.${name}";
        })
        request.dynamicFactNames
    );

  volumes =
    host: fixed:
    builtins.mapAttrs
      (
        volume: known: known // { device = fact "hosts.${host}.volumes.${volume}.device"; }
      )
      fixed;
in
{
  managed = true;
  self = request.host;
  inherit (request.fixed) project stack networks;
  deployKeys = fact "deployKeys";
  hosts = builtins.mapAttrs
    (
      host: fixed: fixed // dynamicFacts host // { volumes = volumes host fixed.volumes; }
    )
    request.fixed.hosts;
  facts = builtins.listToAttrs (
    map
      (name: {
        inherit name;
        value = fact "facts.${name}";
      })
      request.fixed.customFacts
  );
}
