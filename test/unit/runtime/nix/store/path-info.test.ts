import { describe, expect, it } from "vitest";
import { parseDerivationGraph } from "../../../../../runtime/nix/store/derivation-graph.ts";
import { parseDeriver, parsePathInfo } from "../../../../../runtime/nix/store/path-info.ts";

const a = "/nix/store/aaa-a-1";
const b = "/nix/store/bbb-b-2";
const drv = "/nix/store/ddd-a-1.drv";

describe("parsePathInfo", () => {
  const both = new Map([
    [a, 10],
    [b, 20],
  ]);

  // The same closure as Nix 2.18, 2.26 and 2.32 with --json-format 2 print it.
  it.each([
    [
      "a list",
      [
        { path: a, narSize: 10, valid: true },
        { path: b, narSize: 20 },
      ],
    ],
    ["by path", { [a]: { narSize: 10, references: [b] }, [b]: { narSize: 20, ultimate: true } }],
    [
      "by base name",
      {
        version: 2,
        storeDir: "/nix/store",
        info: { "aaa-a-1": { narSize: 10 }, "bbb-b-2": { narSize: 20 } },
      },
    ],
  ])("reads %s", (_form, document) => {
    expect(parsePathInfo(JSON.stringify(document))).toEqual(both);
  });

  it.each([
    ["a list", [{ path: a, valid: false }]],
    ["by path", { [a]: { narSize: 10 }, [b]: null }],
    ["by base name", { version: 2, info: { "aaa-a-1": null } }],
  ])("takes no closure that is not whole, as %s", (_form, document) => {
    expect(parsePathInfo(JSON.stringify(document))).toBeUndefined();
  });

  it.each(["", "no JSON", "1", '{"x":{"narSize":1}}', '[{"narSize":1}]', '{"version":2}'])(
    "does not guess what %j means",
    (text) => {
      expect(parsePathInfo(text)).toBeUndefined();
    },
  );
});

describe("parseDeriver", () => {
  it.each([
    ["a list", [{ path: a, narSize: 1, deriver: drv }]],
    ["by path", { [a]: { deriver: drv } }],
    ["by base name", { version: 2, info: { "aaa-a-1": { deriver: "ddd-a-1.drv" } } }],
  ])("reads %s", (_form, document) => {
    expect(parseDeriver(JSON.stringify(document))).toBe(drv);
  });

  it.each(["", '[{"deriver":null}]', '{"/nix/store/x":{"deriver":null}}', "[]", "{}"])(
    "knows none in %j",
    (text) => {
      expect(parseDeriver(text)).toBeUndefined();
    },
  );
});

describe("parseDerivationGraph", () => {
  const paths = new Set([a, b, "/nix/store/sss-source"]);

  it("reads outputs and sources of all derivations, in either form", () => {
    const former = {
      [drv]: { outputs: { out: { path: a } }, inputSrcs: ["/nix/store/sss-source"], inputDrvs: {} },
      "/nix/store/x.drv": { outputs: { out: { path: b }, late: { hashAlgo: "sha256" } }, inputSrcs: [] },
    };
    expect(parseDerivationGraph(JSON.stringify(former))).toEqual(paths);
    const newer = {
      version: 4,
      derivations: {
        "ddd-a-1.drv": { outputs: { out: { path: "aaa-a-1" } }, inputs: { srcs: ["sss-source"], drvs: {} } },
        "x.drv": { outputs: { out: { path: "bbb-b-2" } }, inputs: { srcs: [] } },
      },
    };
    expect(parseDerivationGraph(JSON.stringify(newer))).toEqual(paths);
  });

  it.each(["", "[]", '{"a":1}', '{"a":{"outputs":1}}'])("does not guess what %j means", (text) => {
    expect(parseDerivationGraph(text)).toBeUndefined();
  });
});
