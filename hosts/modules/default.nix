# Every module by name. `disk.*` are functions: device names and sizes in, module out.
{
  fleet = ./fleet.nix;
  base = ./base.nix;
  volumes = ./volumes.nix;
  lustrate = ./lustrate.nix;
  mesh = ./mesh;
  metricsExporter = ./metrics/exporter.nix;
  metricsServer = ./metrics/server.nix;
  hetzner = ./hardware/hetzner.nix;
  scaleway = ./hardware/scaleway.nix;
  disk = {
    single = import ./disk/single.nix;
    raid1 = import ./disk/raid1.nix;
    luks = import ./disk/luks.nix;
  };
}
