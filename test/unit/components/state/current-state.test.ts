import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readCurrentState } from "../../../../components/state/current-state.ts";
import { RecordedHosts } from "../../../../components/state/recorded-hosts.ts";
import { resolveLocations } from "../../../../components/validate/choose-locations.ts";
import { validateServerTypes } from "../../../../components/validate/server-catalog.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { exportingPulumi } from "../../runtime/stack/exporting-pulumi.ts";

const resource = (type: string, name: string, more: object) => ({
  urn: `urn:pulumi:prod::fleet::nixos:index:Host$${type}::${name}`,
  type,
  ...more,
});
const exported = JSON.stringify({
  version: 3,
  deployment: {
    resources: [
      resource("hcloud:index/server:Server", "web-instance", {
        inputs: { location: "hel1", serverType: "cx23", image: "debian-12" },
      }),
      resource("command:local:Command", "web-install-run", { inputs: { triggers: ["17", "once"] } }),
      resource("nixos:index:NixosDeployment", "laptop-deployment", { outputs: { outcome: "pending" } }),
    ],
  },
});

/** A program of stack `org/fleet/prod`, whose Pulumi exports the state above for `stack`. */
async function stackOf(stack: string) {
  const fake = exportingPulumi(stack, exported);
  vi.stubEnv("PATH", fake.path);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const refuse = () => {
    throw new Error("nothing is registered or called here");
  };
  await pulumi.runtime.setMocks({ newResource: refuse, call: refuse }, "fleet", "prod", false, "org");
  return { ...fake, state: readCurrentState(fake.folder) };
}

const hosts = {
  web: { locations: ["fsn1", "hel1"], reinstall: "again" },
  laptop: { provider: "existing", address: "198.51.100.7", trustOnFirstUse: true, allowUnreachable: true },
};
const inventoryOf = (wanted: object) =>
  buildInventory(
    parseConfiguration(
      { "hcloud:token": "t", "fleet:hosts": JSON.stringify(wanted) },
      {},
      { isSecret: () => true, plain: [] },
    ),
  );

describe("the state of the program's own stack", () => {
  it("is exported once for everybody who asks at the start, each of whom finds what is there", async () => {
    const { state, calls, folder } = await stackOf("org/fleet/prod");
    const nobody = { hetzner: undefined, scaleway: undefined };
    const inventory = await resolveLocations(inventoryOf(hosts), state, nobody);
    expect(inventory.hosts.find(({ name }) => name === "web")).toMatchObject({
      location: "hel1",
      locationFixed: true,
    });
    const recordedHosts = new RecordedHosts(inventory.hosts, state);
    const [errors, pending, web] = await Promise.all([
      validateServerTypes(inventory, { state, cacheRoot: folder, ...nobody }),
      recordedHosts.isPending("laptop"),
      recordedHosts.get("web"),
    ]);
    expect(errors).toEqual([]);
    expect(pending).toBe(true);
    expect(web.install).toEqual({ serverId: "17", reinstall: "once" });
    expect(calls()).toEqual(["stack export --non-interactive --stack org/fleet/prod"]);
  });

  it("is not exported where nobody asks", async () => {
    const { state, calls } = await stackOf("org/fleet/prod");
    const recordedHosts = new RecordedHosts(inventoryOf({ web: {} }).hosts, state);
    expect(calls()).toEqual([]);
    expect((await recordedHosts.get("web")).installed).toBe(true);
    expect(calls()).toHaveLength(1);
  });

  it("is read at once where a host may be away or reinstalled: later it would be the state of this run", async () => {
    for (const host of [{ ...hosts.laptop }, { reinstall: "again" }]) {
      const { state, calls } = await stackOf("org/fleet/prod");
      const read = vi.fn(state);
      new RecordedHosts(inventoryOf({ host }).hosts, read);
      expect(read).toHaveBeenCalledOnce();
      await state();
      expect(calls()).toHaveLength(1);
    }
  });

  it("that cannot be read is told, not thrown", async () => {
    const { state } = await stackOf("other");
    expect(await state()).toBe(
      "pulumi stack export failed: stack export --non-interactive --stack org/fleet/prod",
    );
  });
});
