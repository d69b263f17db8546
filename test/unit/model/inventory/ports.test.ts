import { describe, expect, it } from "vitest";
import type { OpenPorts } from "../../../../model/firewall/open-ports.ts";
import { portsInCloud } from "../../../../model/inventory/ports.ts";

const single = (port: number) => ({ from: port, to: port });
const opened: OpenPorts = {
  enable: true,
  everywhere: {
    tcp: [single(22), single(80), single(2222), { from: 8000, to: 8010 }],
    udp: [single(51_820)],
  },
  interfaces: {
    eth0: { tcp: [single(443)], udp: [single(53)] },
    eth1: { tcp: [single(5432)], udp: [] },
  },
};
const wanted = {
  named: { tcp: ["80", "8005-8020"], udp: ["22"] },
  publicInterface: null,
  ssh: [22, 2222],
};

describe("ports in the cloud", () => {
  it("are the named ones and those that the host opens on every interface, without SSH's", () => {
    expect(portsInCloud(opened, wanted)).toEqual({ tcp: ["80", "8000-8020"], udp: ["22", "51820"] });
  });

  it("are those of the public interface too, where it is known", () => {
    expect(portsInCloud(opened, { ...wanted, publicInterface: "eth0" })).toEqual({
      tcp: ["80", "443", "8000-8020"],
      udp: ["22", "53", "51820"],
    });
    expect(portsInCloud(opened, { ...wanted, publicInterface: "wan0" })).toEqual(
      portsInCloud(opened, wanted),
    );
  });

  it("leave SSH's ports out of a range, so that nobody but its own networks reaches them", () => {
    const wide = { ...opened, everywhere: { tcp: [{ from: 1, to: 3000 }], udp: [] } };
    expect(portsInCloud(wide, { ...wanted, named: { tcp: [], udp: [] } }).tcp).toEqual([
      "1-21",
      "23-2221",
      "2223-3000",
    ]);
  });

  it("are the named ones alone where the host has no firewall", () => {
    expect(portsInCloud({ ...opened, enable: false }, { ...wanted, publicInterface: "eth0" })).toEqual({
      tcp: ["80", "8005-8020"],
      udp: ["22"],
    });
  });
});
