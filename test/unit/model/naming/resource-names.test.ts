import { describe, expect, it } from "vitest";
import {
  balancerNames,
  gateName,
  networkNames,
  networkPart,
  parts,
  placementNames,
  privateAddressPart,
  typeTokens,
  volumeParts,
} from "../../../../model/naming/resource-names.ts";

describe("names", () => {
  it("are API: a change of any of them abandons resources in existing states", () => {
    expect(parts).toEqual({
      identity: "identity",
      bootstrapKey: "bootstrap-key",
      hostKey: "host-key",
      server: "server",
      instance: "instance",
      ipv4: "ipv4",
      ipv6: "ipv6",
      ipv4Rdns: "ipv4-rdns",
      ipv6Rdns: "ipv6-rdns",
      firewall: "firewall",
      nixosFirewall: "nixos-firewall",
      hostKeyScan: "host-key-scan",
      install: "install",
      installRun: "install-run",
      deployment: "deployment",
      deploymentRun: "deployment-run",
    });
    expect(typeTokens).toEqual({
      host: "nixos:index:Host",
      identity: "nixos:index:Identity",
      deployKey: "nixos:index:DeployKey",
      hetznerServer: "nixos:server:HetznerServer",
      importedHetznerServer: "nixos:server:ImportedHetznerServer",
      scalewayServer: "nixos:server:ScalewayServer",
      existingServer: "nixos:server:ExistingServer",
      nixosInstall: "nixos:index:NixosInstall",
      nixosDeployment: "nixos:index:NixosDeployment",
      gate: "nixos:index:Gate",
      hetznerPrivateNetwork: "nixos:network:HetznerPrivateNetwork",
      hetznerLoadBalancer: "nixos:loadbalancer:HetznerLoadBalancer",
      hetznerPlacementGroup: "nixos:placement:HetznerPlacementGroup",
      scalewayPrivateNetwork: "nixos:network:ScalewayPrivateNetwork",
      scalewayPlacementGroup: "nixos:placement:ScalewayPlacementGroup",
    });
  });

  it("derive a wave's gate from the wave's name", () => {
    expect(gateName("wave-1")).toEqual({ gate: "gate-wave-1", run: "gate-wave-1-run" });
  });

  it("derive a private network's from its name", () => {
    expect(networkNames("internal")).toEqual({
      component: "network-internal",
      network: "network-internal-network",
      subnet: "network-internal-subnet",
    });
    expect(networkPart("internal")).toBe("network-internal");
    expect(privateAddressPart("internal")).toBe("private-address-internal");
  });

  it("derive a load balancer's from its name", () => {
    const { service, target, ...names } = balancerNames("front");
    expect(names).toEqual({
      component: "load-balancer-front",
      balancer: "load-balancer-front-lb",
      network: "load-balancer-front-network",
      rdns: { ipv4: "load-balancer-front-ipv4-rdns", ipv6: "load-balancer-front-ipv6-rdns" },
    });
    expect([service(443), target("web")]).toEqual([
      "load-balancer-front-service-443",
      "load-balancer-front-target-web",
    ]);
  });

  it("derive a volume's and a placement group's from their names", () => {
    expect(volumeParts("data")).toEqual({ volume: "volume-data", attachment: "volume-data-attachment" });
    expect(placementNames("apart")).toEqual({ placement: "placement-apart", group: "placement-apart-group" });
  });
});
