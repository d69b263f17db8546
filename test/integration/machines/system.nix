# The least a test machine boots: a system that says its name, lets in one key and writes its boots down.
{ name, key }:
let
  script =
    file: text:
    derivation {
      name = file;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [
        "-c"
        ''
          printf '%s' "$text" >$out
          chmod 555 $out
          # chmod as the shell's last act closes its output before it ends: Nix may kill it in between.
          exit 0
        ''
      ];
      PATH = "/usr/bin";
      text = "#!/bin/sh\nset -eu\n" + text;
    };
  init = script "init" ''
    mkdir -p /etc/ssh/authorized_keys.d
    echo '${key}' >/etc/ssh/authorized_keys.d/root
    echo ${name} >/etc/name
    echo '${name} booted' >>/var/log/boots
    hostname ${name}
  '';
  switch = script "switch-to-configuration" ''
    mkdir -p /boot/loader /var/log
    readlink -f /nix/var/nix/profiles/system >/boot/loader/default
    echo "${name} install-bootloader=$NIXOS_INSTALL_BOOTLOADER" >>/var/log/boots
  '';
in
derivation {
  name = "nixos-system-${name}";
  system = builtins.currentSystem;
  builder = "/bin/sh";
  args = [
    "-c"
    ''
      mkdir -p $out/bin
      ln -s $init $out/init
      ln -s $init $out/activate
      ln -s $switch $out/bin/switch-to-configuration
      exit 0
    ''
  ];
  PATH = "/usr/bin";
  inherit init switch;
}
