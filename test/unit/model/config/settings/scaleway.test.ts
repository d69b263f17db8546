import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../../model/inventory/static-facts.ts";
import { toldIn } from "../errors-in.ts";

const credentials = { "scaleway:accessKey": "a", "scaleway:secretKey": "s", "scaleway:projectId": "p" };

function read(web: object, { defaults = {}, raw = credentials as Record<string, string>, env = {} } = {}) {
  const texts = {
    "fleet:hosts": JSON.stringify({ web: { provider: "scaleway", ...web } }),
    "fleet:defaults": JSON.stringify(defaults),
  };
  return buildInventory(parseConfiguration({ ...raw, ...texts }, env));
}

function errorsOf(...args: Parameters<typeof read>): string[] {
  return toldIn(() => read(...args));
}

describe("a host with provider: scaleway", () => {
  it("has a default for everything, and needs no token of Hetzner", () => {
    expect(read({}).hosts).toEqual([
      expect.objectContaining({
        provider: "scaleway",
        zone: "fr-par-1",
        instanceType: "DEV1-M",
        image: "ubuntu-24.04",
        rootVolume: 20,
        ipv4: true,
        ipv6: true,
        deleteProtection: false,
        ports: { tcp: [], udp: [], fromNixos: null },
        bootstrap: "kexec",
      }),
    ]);
  });

  it("takes what it does not say from the stack's defaults, but nothing that only Hetzner has", () => {
    const own = { zone: "nl-ams-2", instanceType: "PLAY2-NANO", rootVolume: 50, image: "debian-13" };
    const shared = {
      ipv4: false,
      ipv6: true,
      deleteProtection: true,
      firewall: { tcp: [80], udp: ["5000-5001"] },
    };
    const [host] = read({}, { defaults: { ...own, ...shared, location: "hel1", serverType: "cx33" } }).hosts;
    expect(host).toMatchObject({ ...own, ipv4: false, ipv6: true, deleteProtection: true });
    expect(host).toMatchObject({ ports: { tcp: ["80"], udp: ["5000-5001"] } });
    expect(host).not.toHaveProperty("location");
    expect(read({ zone: "pl-waw-3" }, { defaults: own }).hosts[0]).toMatchObject({ zone: "pl-waw-3" });
  });

  it("takes from its tags what both clouds have, and leaves what is Hetzner's to hosts there", () => {
    const raw = {
      ...credentials,
      "hcloud:token": "t",
      "fleet:tags": JSON.stringify({
        edge: { image: "debian-12", location: "hel1", zone: "nl-ams-3", ipv4: false },
      }),
      "fleet:hosts": JSON.stringify({
        web: { provider: "scaleway", tags: ["edge"] },
        db: { tags: ["edge"] },
      }),
    };
    const [db, web] = buildInventory(parseConfiguration(raw)).hosts;
    expect(web).toMatchObject({ name: "web", image: "debian-12", zone: "nl-ams-3", ipv4: false });
    expect(db).toMatchObject({ name: "db", image: "debian-12", location: "hel1", ipv4: false });
  });

  it("stands in its zone, as other hosts see it", () => {
    const { hosts } = staticFacts(read({ zone: "it-mil-1" }), { project: "p", stack: "s" });
    expect(hosts["web"]).toMatchObject({ provider: "scaleway", location: "it-mil-1" });
  });

  it("needs credentials, each of which may come from the environment", () => {
    expect(errorsOf({}, { raw: {} })).toEqual([
      expect.stringMatching(/^scaleway:accessKey: is not set: .*IAM, API keys/),
      expect.stringMatching(/^scaleway:projectId: is not set/),
      expect.stringMatching(/^scaleway:secretKey: is not set/),
    ]);
    const env = { SCW_ACCESS_KEY: "a", SCW_SECRET_KEY: "s", SCW_DEFAULT_PROJECT_ID: "p" };
    expect(errorsOf({}, { raw: {}, env })).toEqual([]);
    expect(errorsOf({}, { raw: { "scaleway:secretKey": "" }, env: { ...env, SCW_SECRET_KEY: "" } })).toEqual([
      expect.stringMatching(/^scaleway:secretKey/),
    ]);
  });

  it.each([
    ["zone", "fr-par-4"],
    ["instanceType", "dev1-s"],
    ["instanceType", "DEV1"],
    ["rootVolume", 9],
    ["rootVolume", 10_001],
    ["rootVolume", 20.5],
    ["image", "ubuntu-26.04"],
  ])("refuses %s: %s", (setting, value) => {
    expect(errorsOf({ [setting]: value })).toEqual([
      expect.stringMatching(`^fleet:hosts\\.web\\.${setting}: `),
    ]);
  });

  it.each(["DEV1-S", "PLAY2-PICO", "BASIC3-X2C-4G", "POP2-HM-2C-16G"])(
    "knows the type %s",
    (instanceType) => {
      expect(errorsOf({ instanceType })).toEqual([]);
    },
  );

  it("tells all errors at once", () => {
    const errors = errorsOf({
      location: "nbg1",
      zone: "x",
      ipv4: false,
      ipv6: false,
      bootstrap: "rescue",
      importServer: 5,
    });
    expect(errors.map((error) => error.replace(/: .*/, ""))).toEqual([
      "fleet:hosts.web.bootstrap",
      "fleet:hosts.web.importServer",
      "fleet:hosts.web.ipv6",
      "fleet:hosts.web.location",
      "fleet:hosts.web.zone",
    ]);
    expect(errors[0]).toContain("only Hetzner Cloud's rescue system");
  });

  it("says that no NixOS runs on a stock image", () => {
    expect(errorsOf({ bootstrap: "none" })).toEqual([
      expect.stringContaining('cannot be "none" at Scaleway: a server starts from a stock image'),
    ]);
  });
});
