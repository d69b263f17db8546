# The fleet as a host sees it: facts that `pulumi up` knows (addresses, keys, tags) as typed, read-only knowledge.
#
# `pulumi up` adds this module and the facts to every host it evaluates; a flake may import it as well: the `key` makes the module system
# take it once. A fact that does not exist yet (preview of a new server) is a `throw`: only a host that reads it has to wait.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.fleet;

  volumeFacts = types.submodule {
    options = {
      size = mkOption {
        type = types.int;
        example = 20;
        description = "Size in GB.";
      };
      device = mkOption {
        type = types.str;
        example = "/dev/disk/by-id/scsi-0HC_Volume_12345678";
        description = "Block device of the volume on the host, by its id at the provider.";
      };
    };
  };

  networkFacts = types.submodule {
    options = {
      range = mkOption {
        type = types.str;
        example = "10.0.0.0/16";
        description = "The whole network: what is routed into it.";
      };
      subnet = mkOption {
        type = types.str;
        example = "10.0.1.0/24";
        description = "Part of it from which hosts get their addresses.";
      };
    };
  };

  # The path from this host to another one.
  reach =
    { config, ... }:
    let
      here = cfg.hosts.${cfg.self};
      shared = lib.filter (network: here.privateAddresses ? ${network}) (lib.attrNames config.privateAddresses);
    in
    {
      options.peerAddress = mkOption {
        type = types.nullOr types.str;
        readOnly = true;
        default =
          if shared != [ ] then
            config.privateAddresses.${lib.head shared}
          else if here.ipv4 != null && config.ipv4 != null then
            config.ipv4
          else if here.ipv6 != null && config.ipv6 != null then
            config.ipv6
          else
            null;
        defaultText = "the host's address in the first private network it shares with this host, else a public one";
        example = "10.0.1.3";
        description = "Where this host reaches that one: in the first private network of both, else at a public address of a kind both have.";
      };
    };

  hostFacts = types.submodule {
    imports = [ reach ];
    options = {
      provider = mkOption {
        type = types.enum [
          "hetzner"
          "scaleway"
          "existing"
        ];
        description = "Where the host's server comes from.";
      };
      location = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "fsn1";
        description = "Location or zone of the server; null for an existing machine.";
      };
      tags = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "canary" ];
        description = "Tags of the host in the stack's configuration.";
      };
      privateAddresses = mkOption {
        type = types.attrsOf types.str;
        default = { };
        example = { internal = "10.0.1.3"; };
        description = "IPv4 address of the host in each of its private networks, by the network's name.";
      };
      volumes = mkOption {
        type = types.attrsOf volumeFacts;
        default = { };
        description = "Volumes of the host, which outlive its server, by name.";
      };
      sshPort = mkOption {
        type = types.port;
        default = 22;
        description = "Port of the host's SSH server.";
      };
      ipv4 = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "203.0.113.7";
        description = "Public IPv4 address without prefix length; null: the host has none.";
      };
      ipv6 = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "2001:db8:1::1";
        description = "Public IPv6 address without prefix length; null: the host has none.";
      };
      hostKey = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "ssh-ed25519 AAAA… web";
        description = "Public SSH host key of the installed system, one line as in known_hosts without the host name.";
      };
      ageRecipient = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "age1…";
        description = "age recipient that belongs to the host key: encrypt secrets for this host to it.";
      };
      wireguardKey = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        description = "WireGuard public key of the host in the mesh; null: it keeps a host key that was not made for it.";
      };
    };
  };

  tags = lib.unique (lib.concatMap (host: host.tags) (lib.attrValues cfg.hosts));

  # As sshd(8) wants it in known_hosts: with the port where it is another than 22.
  knownAs = port: name: if port == 22 then name else "[${name}]:${toString port}";
  knownHost = name: host: {
    hostNames = map (knownAs host.sshPort) (
      [ name ]
      ++ lib.filter (address: address != null) [ host.ipv4 host.ipv6 ]
      ++ lib.attrValues host.privateAddresses
    );
    publicKey = host.hostKey;
  };

  hasKeys = user: user.openssh.authorizedKeys.keys != [ ] || user.openssh.authorizedKeys.keyFiles != [ ];
in
{
  key = "pulumi-nixos/fleet";

  options.fleet = {
    managed = mkOption {
      type = types.bool;
      default = false;
      description = "True when there are facts: from `pulumi up`, or written into the flake by `fleet facts export`.";
    };
    self = mkOption {
      type = types.str;
      default = config.networking.hostName;
      defaultText = "config.networking.hostName";
      example = "web";
      description = "Name of this host in the stack's configuration.";
    };
    project = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "pulumi-nixos";
      description = "Pulumi project of the stack; null when built without facts.";
    };
    stack = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "prod";
      description = "Pulumi stack that owns this host; null when built without facts.";
    };
    deployKeys = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "ssh-ed25519 AAAA… deploy" ];
      description = "Public SSH keys that may deploy: root accepts them.";
    };
    hosts = mkOption {
      type = types.attrsOf hostFacts;
      default = { };
      description = "Facts of every host of the stack, this one included, by name.";
    };
    networks = mkOption {
      type = types.attrsOf networkFacts;
      default = { };
      description = "Private networks of the stack, by name.";
    };
    byTag = mkOption {
      type = types.lazyAttrsOf (types.listOf types.str);
      readOnly = true;
      default = lib.genAttrs tags (
        tag: lib.attrNames (lib.filterAttrs (_: host: lib.elem tag host.tags) cfg.hosts)
      );
      defaultText = "names of the hosts in `config.fleet.hosts` that have the tag";
      example = { web = [ "web-1" "web-2" ]; };
      description = "Names of the hosts of each tag, sorted. A tag that no host has is missing.";
    };
    facts = mkOption {
      type = types.lazyAttrsOf types.anything;
      default = { };
      example = { apiUrl = "https://api.example.org"; };
      description = "Facts of one's own: `fleet:facts` of the stack's configuration, outputs of other stacks, values of the program.";
    };
    trustFleetHostKeys = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Let SSH on this host know the host keys of all hosts of the stack, under their names and addresses.
        The system then depends on the addresses and keys of them all: adding a host redeploys this one.
      '';
    };
    allowNoKeys = mkOption {
      type = types.bool;
      default = false;
      description = "Build this host although no user has an authorized SSH key: you have another way to log in.";
    };
  };

  config = {
    users.users.root.openssh.authorizedKeys.keys = cfg.deployKeys;

    programs.ssh.knownHosts = lib.mkIf cfg.trustFleetHostKeys (
      lib.mapAttrs knownHost (lib.filterAttrs (_: host: host.hostKey != null) cfg.hosts)
    );

    assertions = [
      {
        assertion = cfg.allowNoKeys || lib.any hasKeys (lib.attrValues config.users.users);
        message = ''
          fleet: no user can log in to this host: no deploy key is known and no user has an authorized SSH key.
          Deploy it with `pulumi up`, write the facts (`fleet facts export`), or set `users.users.root.openssh.authorizedKeys.keys`. If you reach it in another way: `fleet.allowNoKeys = true`.
        '';
      }
      {
        assertion = cfg.managed -> cfg.hosts ? ${cfg.self};
        message = "fleet: no host named `${cfg.self}` is in the facts of stack `${toString cfg.project}/${toString cfg.stack}`.";
      }
    ];
  };
}
