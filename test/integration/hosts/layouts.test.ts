import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { evaluate, evaluationError } from "../miniflake/nix.ts";
import { copyOfHosts, type HostsCopy } from "./hosts-copy.ts";

let flake: HostsCopy;
beforeEach(() => {
  flake = copyOfHosts();
});
afterEach(() => flake.remove());

describe("disk layouts", () => {
  const single = '"single" { device = "/dev/sda"; esp = "512M"; root = "ext4"; }';
  const raid1 = (devices: string) => `"raid1" { devices = [ ${devices} ]; esp = "512M"; root = "xfs"; }`;
  const luks =
    '"luks" { device = "/dev/sda"; esp = "512M"; boot = "1G"; root = "ext4"; passwordFile = "/tmp/disk.key"; }';

  test("single: boots on BIOS and UEFI, the ESP is not /boot", async () => {
    expect(await evaluate(flake.layout(single))).toEqual({
      devices: {
        disk: {
          main: {
            type: "disk",
            device: "/dev/sda",
            content: {
              type: "gpt",
              partitions: {
                boot: { type: "EF02", size: "1M" },
                ESP: {
                  type: "EF00",
                  size: "512M",
                  content: {
                    type: "filesystem",
                    format: "vfat",
                    mountpoint: "/boot/efi",
                    mountOptions: ["umask=0077"],
                  },
                },
                root: {
                  size: "100%",
                  content: { type: "filesystem", format: "ext4", mountpoint: "/", mountOptions: ["noatime"] },
                },
              },
            },
          },
        },
      },
      efi: { canTouchEfiVariables: false, efiSysMountPoint: "/boot/efi" },
      grub: {
        enable: true,
        efiSupport: true,
        efiInstallAsRemovable: true,
        configurationLimit: 10,
        // disko adds the disk of an EF02 partition; naming it here as well would fail.
        devices: [],
        mirroredBoots: [],
      },
      failed: [],
    });
  });

  test("on ARM, which has no BIOS, GRUB goes to the ESP alone", async () => {
    expect(await evaluate(flake.layout(single, "", "aarch64-linux"))).toMatchObject({
      grub: { devices: ["nodev"] },
    });
  });

  test("raid1: either disk boots alone", async () => {
    const layout = await evaluate(flake.layout(raid1('"/dev/sda" "/dev/sdb"')));
    const half = (device: string, mountpoint: string) => ({
      device,
      content: {
        partitions: {
          boot: { type: "EF02" },
          ESP: { content: { mountpoint, mountOptions: ["umask=0077", "nofail"] } },
          raid: { content: { type: "mdraid", name: "root" } },
        },
      },
    });
    expect(layout).toMatchObject({
      devices: {
        disk: { first: half("/dev/sda", "/boot/efi"), second: half("/dev/sdb", "/boot/efi-mirror") },
        mdadm: { root: { type: "mdadm", level: 1, content: { format: "xfs", mountpoint: "/" } } },
      },
      grub: { mirroredBoots: [{ path: "/boot", efiSysMountPoint: "/boot/efi-mirror", devices: ["nodev"] }] },
      failed: [],
    });
  });

  test("raid1: takes two disks, not three", async () => {
    const layout = await evaluate(flake.layout(raid1('"/dev/sda" "/dev/sdb" "/dev/sdc"'), ".failed"));
    expect(layout).toEqual(["disk/raid1.nix: it takes two devices, not 3."]);
  });

  test("luks: the root is encrypted, kernels are not, the password is a file of the install", async () => {
    expect(await evaluate(flake.layout(luks))).toMatchObject({
      devices: {
        disk: {
          main: {
            content: {
              partitions: {
                bios: { type: "EF02" },
                ESP: { content: { mountpoint: "/boot/efi" } },
                boot: { size: "1G", content: { format: "ext4", mountpoint: "/boot" } },
                luks: {
                  content: {
                    type: "luks",
                    name: "root",
                    passwordFile: "/tmp/disk.key",
                    content: { format: "ext4", mountpoint: "/" },
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  test("a decision left out is an error", async () => {
    const missing = flake.layout('"single" { device = "/dev/sda"; root = "ext4"; }');
    expect(await evaluationError(missing)).toContain("without required argument 'esp'");
  });
});
