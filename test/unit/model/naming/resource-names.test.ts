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
      ipv4Name: "ipv4-name",
      ipv6Name: "ipv6-name",
      firewall: "firewall",
      ports: "ports",
      firstContact: "first-contact",
      install: "install",
      installRun: "install-run",
      deployment: "deployment",
      deploymentRun: "deployment-run",
    });
    expect(typeTokens).toEqual({
      host: "nixos-fleet:index:Host",
      identity: "nixos-fleet:index:Identity",
      deployKey: "nixos-fleet:index:DeployKey",
      hetznerServer: "nixos-fleet:server:HetznerServer",
      scalewayServer: "nixos-fleet:server:ScalewayServer",
      existingServer: "nixos-fleet:server:ExistingServer",
      nixosInstall: "nixos-fleet:index:NixosInstall",
      nixosDeployment: "nixos-fleet:index:NixosDeployment",
      gate: "nixos-fleet:index:Gate",
      hetznerNetwork: "nixos-fleet:network:HetznerNetwork",
      hetznerLoadBalancer: "nixos-fleet:balancer:HetznerLoadBalancer",
      hetznerPlacement: "nixos-fleet:placement:HetznerPlacement",
      scalewayNetwork: "nixos-fleet:network:ScalewayNetwork",
      scalewayPlacement: "nixos-fleet:placement:ScalewayPlacement",
    });
  });

  it("derive a wave's gate from the wave's name", () => {
    expect(gateName("wave-1")).toEqual({ gate: "gate-wave-1", run: "gate-wave-1-run" });
  });

  it("derive a private network's from its name", () => {
    expect(networkNames("internal")).toEqual({
      network: "network-internal",
      range: "network-internal-range",
      subnet: "network-internal-subnet",
    });
    expect(networkPart("internal")).toBe("network-internal");
    expect(privateAddressPart("internal")).toBe("private-address-internal");
  });

  it("derive a load balancer's from its name", () => {
    const { service, target, ...names } = balancerNames("front");
    expect(names).toEqual({
      component: "load-balancer-front",
      balancer: "load-balancer-front-balancer",
      network: "load-balancer-front-network",
      pointers: { ipv4: "load-balancer-front-ipv4-name", ipv6: "load-balancer-front-ipv6-name" },
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
