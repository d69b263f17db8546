# Faults on purpose: each is a real fault, not a pretended one. One line in a host's file turns it on.
{ config, lib, ... }:
let
  inherit (lib) mkIf mkOption types;
  fault = config.faults.inject;
in
{
  options.faults.inject = mkOption {
    type = types.enum [
      "none"
      "evaluation" # the host does not evaluate
      "build" # its system does not build
      "activation" # a snippet of the activation script fails: exit code 2
      "units" # a service ends at once: exit code 4
      "crashloop" # a service ends again and again, and is started again
      "slow" # the activation takes `faults.seconds`
      "ssh" # the activation takes the network link down (only on a test machine)
      "disk" # the disk layout names a device that does not exist
      "keys" # nobody may log in
      "boot" # it activates, and does not come up when it is booted
    ];
    default = "none";
    description = "The fault to inject.";
  };

  options.faults.seconds = mkOption {
    type = types.int;
    default = 30;
    description = "How long the fault `slow` lasts.";
  };

  config = {
    networking.hostName = mkIf (fault == "evaluation") (
      lib.mkForce (throw "faults.inject: this host does not evaluate")
    );
    systemd.services.broken = mkIf (fault == "units") {
      description = "A service that cannot start";
      serviceConfig.ExecStart = "/bin/false";
    };
    systemd.services.unstable = mkIf (fault == "crashloop") {
      description = "A service that ends again and again";
      serviceConfig.ExecStart = "/bin/false";
      serviceConfig.Restart = "always";
    };
    disko.devices.disk = mkIf (fault == "disk") {
      main.device = lib.mkForce "/dev/does-not-exist";
    };
    users.users.root.openssh.authorizedKeys.keys = mkIf (fault == "keys") (lib.mkForce [ ]);
  };
}
