# An encrypted network between all hosts of the stack with the tag `mesh`, across providers: WireGuard, its peers derived from the
# facts. Each host's key comes from its SSH host key (key.sh), so there is no other secret to bring.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  inherit (config.fleet) hosts byTag project stack;
  here = config.fleet.self;
  cfg = config.fleet.mesh;
  members = byTag.${cfg.tag} or [ ];
  member = lib.elem here members;

  isIpv6 = lib.hasInfix ":";

  # A unique local prefix (RFC 4193) of the stack, and of each host its own 64 bits: nothing moves when another host comes or goes.
  hash = builtins.hashString "sha256";
  cut = text: start: builtins.substring start 4 text;
  stackHash = hash "fleet mesh of stack ${toString project}/${toString stack}";
  prefix = "fd${builtins.substring 0 2 stackHash}:${cut stackHash 2}:${cut stackHash 6}:0";
  addressOf =
    name:
    let
      own = hash "fleet mesh host ${name}";
    in
    "${prefix}:${lib.concatMapStringsSep ":" (cut own) [ 0 4 8 12 ]}";
  single = address: "${address}/${if isIpv6 address then "128" else "32"}";

  peer =
    name:
    let
      inherit (hosts.${name}) peerAddress wireguardKey;
    in
    {
      inherit name;
      publicKey =
        if wireguardKey == null then
          throw "the mesh cannot take in ${name}: it keeps a host key of its own, from which its WireGuard key cannot be known"
        else
          wireguardKey;
      endpoint =
        if peerAddress == null then
          throw "the mesh cannot join ${here} and ${name}: the two hosts share no network and no kind of address"
        else
          "${if isIpv6 peerAddress then "[${peerAddress}]" else peerAddress}:${toString cfg.port}";
      allowedIPs = [ (single cfg.addresses.${name}) ];
    };
  others = lib.filter (name: name != here) members;

  keyFile = "/run/fleet-mesh/private-key";
  addresses = map (name: cfg.addresses.${name}) members;
in
{
  key = "pulumi-nixos/mesh";

  options.fleet.mesh = {
    tag = mkOption {
      type = types.str;
      default = "mesh";
      description = "Hosts with this tag are in the mesh.";
    };
    interface = mkOption {
      type = types.strMatching "[a-z][a-z0-9-]{0,14}";
      default = "mesh0";
      description = "Name of the network interface.";
    };
    port = mkOption {
      type = types.port;
      default = 51820;
      description = "UDP port of WireGuard, the same on all hosts of the mesh. The firewall is opened for it.";
    };
    addresses = mkOption {
      type = types.attrsOf types.str;
      defaultText = "for each host an address that follows from the names of the stack and of the host (RFC 4193)";
      example = { web = "10.99.0.1"; };
      description = ''
        Address of each host in the mesh, without prefix length. If you set addresses, set the same ones on all hosts of the mesh.
      '';
    };
  };

  config = {
    fleet.mesh.addresses = lib.genAttrs members (name: lib.mkDefault (addressOf name));

    assertions = lib.optional member {
      assertion = lib.length (lib.unique addresses) == lib.length addresses;
      message = "fleet: two hosts of the mesh have the same address (`fleet.mesh.addresses`).";
    };

    networking = lib.mkIf member {
      # The scripts read the key when the interface is created; networkd would want it before the host key can be there.
      wireguard.useNetworkd = false;
      wireguard.interfaces.${cfg.interface} = {
        ips = [ (single cfg.addresses.${here}) ];
        listenPort = cfg.port;
        privateKeyFile = keyFile;
        peers = map peer others;
      };
      firewall.allowedUDPPorts = [ cfg.port ];
    };

    systemd.services = lib.mkIf member {
      fleet-mesh-key = {
        description = "WireGuard key of the mesh, from the host key";
        requiredBy = [ "wireguard-${cfg.interface}.service" ];
        before = [ "wireguard-${cfg.interface}.service" ];
        script = builtins.readFile ./key.sh;
        scriptArgs = "/etc/ssh/ssh_host_ed25519_key ${keyFile}";
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          RuntimeDirectory = "fleet-mesh";
          RuntimeDirectoryMode = "0700";
        };
      };
    };
  };
}
