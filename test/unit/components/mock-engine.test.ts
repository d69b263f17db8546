import { describe, expect, it } from "vitest";
import { outputsOf } from "./mock-engine.ts";

describe("the mock engine", () => {
  it("refuses resource types nobody has thought about", () => {
    expect(() => outputsOf({ type: "hcloud:index/floatingIp:FloatingIp", name: "v", inputs: {} })).toThrow(
      /knows no resource type/,
    );
  });
});
