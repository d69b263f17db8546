# NixOS configuration -> what its firewall lets in, as options say it (networking.firewall); rules of one's own are not among them.
config:
let
  firewall = config.networking.firewall or { };
  single = port: {
    from = port;
    to = port;
  };
  range = { from, to, ... }: { inherit from to; };
  openedBy = rule: {
    tcp = map single (rule.allowedTCPPorts or [ ]) ++ map range (rule.allowedTCPPortRanges or [ ]);
    udp = map single (rule.allowedUDPPorts or [ ]) ++ map range (rule.allowedUDPPortRanges or [ ]);
  };
in
{
  enable = firewall.enable or false;
  everywhere = openedBy firewall;
  # Interfaces whose names no rule mentions have nothing of their own.
  interfaces = builtins.mapAttrs (_: openedBy) (firewall.interfaces or { });
}
