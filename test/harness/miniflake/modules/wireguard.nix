# WireGuard as nixpkgs' scripts set it up (networking.wireguard), with WireGuard's own implementation outside the kernel and its own `wg`.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.networking.wireguard;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };

  peer = types.submodule (
    { config, ... }:
    {
      options = {
        name = mkOption {
          type = types.str;
          default = config.publicKey;
          description = "Name of the peer, for people.";
        };
        publicKey = mkOption {
          type = types.str;
          description = "Public key, in base64.";
        };
        endpoint = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "Address and UDP port of the peer.";
        };
        allowedIPs = mkOption {
          type = types.listOf types.str;
          description = "What is sent to the peer, and taken from it.";
        };
      };
    }
  );
  interface = types.submodule {
    options = {
      ips = mkOption {
        type = types.listOf types.str;
        default = [ ];
        description = "Addresses of the interface, with prefix lengths.";
      };
      listenPort = mkOption {
        type = types.nullOr types.int;
        default = null;
        description = "UDP port.";
      };
      privateKeyFile = mkOption {
        type = types.path;
        description = "Where the machine has its private key.";
      };
      peers = mkOption {
        type = types.listOf peer;
        default = [ ];
        description = "The others.";
      };
    };
  };

  peerText = peer: ''
    # ${peer.name}
    [Peer]
    PublicKey = ${peer.publicKey}
    AllowedIPs = ${lib.concatStringsSep ", " peer.allowedIPs}
    ${lib.optionalString (peer.endpoint != null) "Endpoint = ${peer.endpoint}"}
  '';
  configuration =
    name: interface:
    pkgs.writeText "${name}.conf" ''
      [Interface]
      ${lib.optionalString (interface.listenPort != null) "ListenPort = ${toString interface.listenPort}"}
      ${lib.concatMapStringsSep "\n" peerText interface.peers}
    '';
  service = name: interface: {
    description = "WireGuard - ${name}";
    serviceConfig.ExecStart = toString (
      [
        "/bin/sh"
        "${../activation/wireguard.sh}"
        "${cfg.programs}"
        name
        interface.privateKeyFile
        (configuration name interface)
      ]
      ++ interface.ips
      ++ [ "--" ]
      ++ lib.concatMap (peer: peer.allowedIPs) interface.peers
    );
  };
in
{
  options.networking.wireguard = {
    programs = mkOption {
      type = types.path;
      description = "Folder with `wireguard-go` and `wg`: there are no packages here.";
    };
    useNetworkd = mkOption {
      type = types.enum [ false ];
      default = false;
      description = "Here there are only the scripts.";
    };
    interfaces = mkOption {
      type = types.attrsOf interface;
      default = { };
      description = "Interfaces by name.";
    };
  };

  config.systemd.services = lib.listToAttrs (
    lib.mapAttrsToList (name: interface: lib.nameValuePair "wireguard-${name}" (service name interface)) cfg.interfaces
  );
}
