# A virtual machine on KVM: drivers the root disk and the network need before and at boot, and a console to use when SSH is gone.
{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  boot = {
    initrd.availableKernelModules = [
      "ahci"
      "nvme"
      "sd_mod"
      "sr_mod"
      "virtio_blk"
      "virtio_pci"
      "virtio_scsi"
      "xhci_pci"
    ];
    kernelParams = [
      "console=tty0"
      "console=ttyS0"
    ];
  };

  # eth0 is the public interface on every kind of machine; predictable names differ between BIOS and UEFI machines.
  networking.usePredictableInterfaceNames = false;
  networking.useNetworkd = true;
  networking.useDHCP = false;
}
