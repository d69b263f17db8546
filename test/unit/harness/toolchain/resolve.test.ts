import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Component, Origin, Way } from "../../../harness/toolchain/component.ts";
import { lookFor, planFor, provide } from "../../../harness/toolchain/resolve.ts";
import { contextIn, temporaryFolder } from "./temporary.ts";

const quiet = () => undefined;

function way(origin: Way["origin"], options: { obstacle?: string; failure?: string } = {}): Way {
  return {
    origin,
    what: `get the ${origin} one`,
    folderName: async () => `tool-${origin}`,
    obstacle: async () => options.obstacle,
    async make(folder) {
      if (options.failure !== undefined) throw new Error(options.failure);
      writeFileSync(path.join(folder, "tool"), "");
      return { version: "1.0.0", executable: "tool" };
    },
  };
}

function component(ways: readonly Way[], found?: string): Component {
  return {
    name: "tool",
    title: "Tool 1",
    find: async () =>
      found === undefined
        ? { because: "no tool on PATH" }
        : { name: "tool", version: "9.0.0", origin: "found", path: found },
    ways,
    remedy: "install Tool by hand",
  };
}

describe("provide", () => {
  it("takes what is on the machine and makes nothing", async () => {
    const folder = temporaryFolder();
    const fact = await provide(component([way("official")], "/bin/tool"), contextIn(folder), quiet);
    expect(fact).toEqual({ name: "tool", version: "9.0.0", origin: "found", path: "/bin/tool" });
    expect(existsSync(path.join(folder, "tool-official"))).toBe(false);
  });

  it("goes the first way that is open and works", async () => {
    const folder = temporaryFolder();
    const ways = [
      way("official", { obstacle: "no network" }),
      way("distribution", { failure: "mirror is down" }),
      way("built"),
    ];
    const fact = await provide(component(ways), contextIn(folder), quiet);
    expect(fact).toEqual({
      name: "tool",
      version: "1.0.0",
      origin: "built",
      path: path.join(folder, "tool-built", "tool"),
    });
  });

  it("names every attempt and the way out when all fail", async () => {
    const ways = [
      way("official", { obstacle: "no network" }),
      way("distribution", { failure: "mirror is down" }),
    ];
    const failing = provide(component(ways), contextIn(temporaryFolder()), quiet);
    await expect(failing).rejects.toThrow(
      [
        "set-up of Tool 1 failed: no tool on PATH",
        "  cannot get the official one: no network",
        "  could not get the distribution one: mirror is down",
        "  next: install Tool by hand",
      ].join("\n"),
    );
  });

  it("keeps to the origins allowed", async () => {
    const allowed: Origin[] = ["built"];
    const context = contextIn(temporaryFolder(), { allowed });
    const fact = await provide(component([way("official"), way("built")], "/bin/tool"), context, quiet);
    expect(fact.origin).toBe("built");
  });

  it("stops at an interruption instead of trying the next way", async () => {
    const controller = new AbortController();
    const context = contextIn(temporaryFolder(), { signal: controller.signal });
    const interrupted: Way = {
      ...way("official"),
      async make() {
        controller.abort(new Error("interrupted by SIGINT"));
        throw new Error("killed");
      },
    };
    const failing = provide(component([interrupted, way("built")]), context, quiet);
    await expect(failing).rejects.toThrow("interrupted by SIGINT");
    expect(existsSync(path.join(context.folder, "tool-built"))).toBe(false);
  });
});

describe("lookFor", () => {
  it("finds what an earlier set-up made, in order of preference", async () => {
    const context = contextIn(temporaryFolder());
    const both = component([way("official"), way("built")]);
    expect(await lookFor(both, context)).toEqual({ because: "no tool on PATH" });
    await provide(component([way("built")]), context, quiet);
    expect(await lookFor(both, context)).toMatchObject({ origin: "built" });
    await provide(component([way("official")]), context, quiet);
    expect(await lookFor(both, context)).toMatchObject({ origin: "official" });
  });
});

describe("planFor", () => {
  it("tells the vendor's way and the first open one after it, without asking the vendor", async () => {
    const context = { ...contextIn("/nowhere"), vendorReachable: () => Promise.reject(new Error("asked")) };
    const official = { ...way("official"), obstacle: () => context.vendorReachable() };
    const ways = [official, way("distribution", { obstacle: "no apt" }), way("built")];
    expect(await planFor(component(ways), context)).toBe("get the official one, or else get the built one");
    expect(await planFor(component([]), context)).toBe("install Tool by hand");
  });
});
