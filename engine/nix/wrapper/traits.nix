# NixOS configuration -> what the install needs, and what decides whether the installed machine starts and lets us in. null: this
# configuration cannot tell.
config:
let
  inherit (config.boot) loader;
  grub = loader.grub or { };
  grubDevices =
    (grub.devices or [ ])
    ++ builtins.concatMap (copy: copy.devices or [ ]) (grub.mirroredBoots or [ ]);
  onDisk = !(grub ? devices) || builtins.any (device: device != "nodev") grubDevices;
  when = condition: value: if condition then [ value ] else [ ];

  ssh = config.services.openssh;
  firewall = config.networking.firewall;
  # Every interface counts: which one leads to us cannot be seen from here.
  rules = [ firewall ] ++ builtins.attrValues (firewall.interfaces or { });
  lets =
    port: rule:
    builtins.elem port (rule.allowedTCPPorts or [ ])
    || builtins.any (range: range.from <= port && port <= range.to) (
      rule.allowedTCPPortRanges or [ ]
    );
  ownRules =
    (firewall.extraCommands or "") != ""
    || (firewall.extraInputRules or "") != ""
    || builtins.any (interface: interface != "lo") (firewall.trustedInterfaces or [ ]);

  users = config.users.users;
  hasKeys =
    name:
    let
      keys = users.${name}.openssh.authorizedKeys or { };
    in
    (keys.keys or [ ]) != [ ] || (keys.keyFiles or [ ]) != [ ];
in
{
  firmware =
    if grub.enable or false then
      when onDisk "bios" ++ when (grub.efiSupport or false) "uefi"
    else if loader.systemd-boot.enable or false then
      [ "uefi" ]
    else
      null;
  diskKeys = import ./disk-keys.nix (config.disko.devices or { });
  ssh = {
    inherit (ssh) enable ports;
    open =
      if !(firewall.enable or false) then
        ssh.ports
      else if ownRules then
        null
      else
        builtins.filter (port: builtins.any (lets port) rules) ssh.ports;
    users =
      if (ssh.authorizedKeysCommand or "none") != "none" then
        null
      else
        builtins.filter hasKeys (builtins.attrNames users);
  };
}
