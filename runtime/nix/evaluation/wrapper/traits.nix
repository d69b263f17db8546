# NixOS configuration -> what the install needs, and what decides whether the installed machine starts and accepts our login. null: this
# configuration does not show it.
config:
let
  inherit (config.boot) loader;
  grub = loader.grub or { };
  grubDevices =
    (grub.devices or [ ])
    ++ builtins.concatMap (copy: copy.devices or [ ]) (grub.mirroredBoots or [ ]);
  onDisk = !(grub ? devices) || builtins.any (device: device != "nodev") grubDevices;
  when = condition: value: if condition then [ value ] else [ ];

  initrd = config.boot.initrd.systemd or { };
  needed =
    fileSystem:
    fileSystem.device or null != null
    && builtins.match "/dev/.*" fileSystem.device != null
    && !(builtins.elem "nofail" (fileSystem.options or [ ]))
    && !(builtins.elem "noauto" (fileSystem.options or [ ]));

  ssh = config.services.openssh;
  firewall = config.networking.firewall;
  # Every interface counts: which one leads to the operator is unknown here.
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

  sshd = ssh.settings or { };
  names =
    setting:
    let
      value = sshd.${setting} or null;
    in
    if value == null then
      [ ]
    else if builtins.isList value then
      value
    else
      builtins.filter builtins.isString (builtins.split "[ \t]+" value);
  allowed = names "AllowUsers";
  denied = names "DenyUsers";
  # sshd_config(5) knows patterns and groups: whom those mean is not worked out here.
  pattern = name: builtins.match ".*[*?@!].*" name != null;
  byPattern =
    names "AllowGroups" != [ ]
    || names "DenyGroups" != [ ]
    || builtins.any pattern (allowed ++ denied);
  rootShutOut = builtins.elem (sshd.PermitRootLogin or "prohibit-password") [
    "no"
    false
    "forced-commands-only"
  ];
  shutOut =
    name:
    (name == "root" && rootShutOut)
    || (allowed != [ ] && !(builtins.elem name allowed))
    || builtins.elem name denied
    || builtins.elem (sshd.PubkeyAuthentication or true) [
      "no"
      false
    ];

  sudo = config.security.sudo or { };
  # Rules of one's own may say anything.
  sudoUnknown =
    !(config ? security.sudo)
    || (config.security.sudo-rs.enable or false)
    || (config.security.doas.enable or false)
    || (sudo.extraConfig or "") != ""
    || builtins.length (sudo.extraRules or [ ]) > 2;
  inWheel =
    name:
    builtins.elem "wheel" (users.${name}.extraGroups or [ ])
    || builtins.elem name (config.users.groups.wheel.members or [ ]);
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
  fileSystems = map
    (fileSystem: {
      inherit (fileSystem) mountPoint device fsType;
    })
    (builtins.filter needed (builtins.attrValues (config.fileSystems or { })));
  # systemd's initial RAM disk leaves it to a service that the configuration adds.
  lustrates = !(initrd.enable or false) || (initrd.services or { }) ? lustrate;
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
    refused =
      if byPattern then
        null
      else
        builtins.filter (name: hasKeys name && shutOut name) (builtins.attrNames users);
  };
  openPorts = import ./open-ports.nix config;
  administrators =
    if sudoUnknown then
      null
    else
      [ "root" ]
      ++ (
        if (sudo.enable or false) && !(sudo.wheelNeedsPassword or true) then
          builtins.filter (name: name != "root" && inWheel name) (builtins.attrNames users)
        else
          [ ]
      );
}
