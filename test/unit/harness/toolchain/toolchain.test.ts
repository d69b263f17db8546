import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { origins } from "../../../harness/toolchain/component.ts";
import {
  components,
  describeToolchain,
  loadToolchain,
  parseOrigins,
  setUpComponents,
} from "../../../harness/toolchain/toolchain.ts";
import { temporaryFolder } from "./temporary.ts";

describe("describeToolchain", () => {
  it("tells of a bare machine what is missing and how to get it, and changes nothing", async () => {
    const root = temporaryFolder();
    const environment = { PATH: path.join(root, "bin"), HOME: path.join(root, "home") };
    const described = await describeToolchain({ folder: path.join(root, "ours"), environment });
    expect(described.map((one) => one.name)).toEqual(components.map((one) => one.name));
    expect(described.map((one) => one.state)).toEqual(components.map(() => "missing"));
    const of = (name: string) => described.find((one) => one.name === name);
    expect(of("nix")).toMatchObject({ because: "no nix on PATH" });
    // Neither apt nor Go is there: only a person can help.
    expect(of("nix")?.plan).toContain("https://nixos.org/download");
    expect(of("git")?.plan).toContain("apt-get install git");
    expect(of("pulumi")?.plan).toContain("download the official Pulumi CLI");
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("loadToolchain", () => {
  it("names everything missing, and the command that gets it", async () => {
    const root = temporaryFolder();
    const loading = loadToolchain({ folder: path.join(root, "ours"), environment: { PATH: "", HOME: root } });
    await expect(loading).rejects.toThrow(/no pulumi on PATH[\s\S]*no jq on PATH[\s\S]*toolchain\/main\.ts/);
    expect(existsSync(path.join(root, "ours"))).toBe(false);
  });
});

describe("setUpComponents", () => {
  it("refuses names it does not know", async () => {
    await expect(setUpComponents(["nix", "nyx"])).rejects.toThrow("no component is called nyx");
  });

  it("reports everything that could not be had at once", async () => {
    const root = temporaryFolder();
    const options = {
      folder: path.join(root, "ours"),
      environment: { PATH: "", HOME: root },
      allowed: ["found", "distribution"] as const,
    };
    const failing = setUpComponents(["git", "jq"], options);
    await expect(failing).rejects.toThrow(/2 of 2 components[\s\S]*apt-get install git[\s\S]*no apt-get/);
  });
});

describe("parseOrigins", () => {
  it("allows all by default, else those listed", () => {
    expect(parseOrigins(undefined)).toEqual(origins);
    expect(parseOrigins("")).toEqual(origins);
    expect(parseOrigins("found, built")).toEqual(["found", "built"]);
    expect(() => parseOrigins("found,bulit")).toThrow('"bulit" is not valid: must be one of');
  });
});
