import { existsSync } from "node:fs";
import path from "node:path";
import { local, remote } from "@pulumi/command";
import { CustomResource, type Inputs } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadToolchain } from "../../harness/toolchain/toolchain.ts";
import { type Engine, startEngine } from "./engine.ts";

const plugin = (await loadToolchain()).components.find((one) => one.name === "plugin-command");

/** What the stand-in refuses although the official plugin takes it: never silently. */
describe.runIf(plugin?.standIn === true)("stand-in of the command plugin", { timeout: 120_000 }, () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  }, 60_000);
  afterAll(async () => {
    await engine.close();
  });

  class Raw extends CustomResource {
    constructor(inputs: Inputs) {
      super("command:local:Command", "it", inputs);
    }
  }
  const marker = () => path.join(engine.folder, "ran");
  const raw = (inputs: Inputs) => async () => {
    new Raw({ create: `touch ${marker()}`, ...inputs });
  };

  it.each(["assetPaths", "archivePaths"])("refuses %s by name and runs nothing", async (input) => {
    await expect(engine.up(raw({ [input]: ["*"] }))).rejects.toThrow(`${input} is not in this stand-in`);
    expect(existsSync(marker())).toBe(false);
  });

  it("refuses an input nobody knows, and a logging level nobody knows", async () => {
    await expect(engine.up(raw({ enviroment: {} }))).rejects.toThrow('no input "enviroment"');
    await expect(engine.up(raw({ logging: "some" }))).rejects.toThrow('"some" is not valid: must be one of');
    expect(existsSync(marker())).toBe(false);
  });

  it("refuses commands over SSH and functions", async () => {
    const overSsh = async () => {
      new remote.Command("it", { connection: { host: "198.51.100.9" }, create: "true" });
    };
    await expect(engine.up(overSsh)).rejects.toThrow("command:remote:Command is not in this stand-in");
    const asFunction = async () => ({ out: (await local.run({ command: "true" })).stdout });
    await expect(engine.up(asFunction)).rejects.toThrow("command:local:run is not in this stand-in");
  });

  it("fails on a shown line over 64 KiB, on which the official plugin hangs, and takes it unshown", async () => {
    const create = "head -c 70000 /dev/zero | tr '\\0' x; echo";
    await expect(engine.up(raw({ create }))).rejects.toThrow("longer than 64 KiB");
    const run = await engine.up(raw({ create, logging: "none" }));
    expect(run.steps).toContain("create it");
  });
});
