import { describe, expect, it } from "vitest";
import { bareResources } from "../../../../bench/preview/checkpoint.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const stack = "urn:pulumi:test::p::pulumi:pulumi:Stack::p-test";
const host = "urn:pulumi:test::p::x:index:Host::web";
const server = "urn:pulumi:test::p::x:index:Host$hcloud:index/server:Server::web-instance";

describe("bareResources", () => {
  it("keeps components and resources with plain inputs, not the stack nor providers", () => {
    const resources = bareResources({
      resources: [
        { urn: stack, type: "pulumi:pulumi:Stack", custom: false },
        { urn: "urn:p", type: "pulumi:providers:hcloud", custom: true, inputs: { version: "1" } },
        { urn: host, type: "x:index:Host", custom: false, parent: stack, inputs: { ignored: true } },
        {
          urn: server,
          type: "hcloud:index/server:Server",
          custom: true,
          parent: host,
          inputs: {
            __defaults: ["x"],
            name: "web",
            userData: secret("#cloud-config"),
            publicNets: [{ __defaults: [], ipv4: 7, deep: secret({ a: 1 }) }],
          },
        },
      ],
    });
    expect(resources).toEqual([
      { urn: host, type: "x:index:Host", name: "web", custom: false, parent: null, inputs: {}, secrets: [] },
      {
        urn: server,
        type: "hcloud:index/server:Server",
        name: "web-instance",
        custom: true,
        parent: host,
        inputs: { name: "web", userData: "#cloud-config", publicNets: [{ ipv4: 7, deep: { a: 1 } }] },
        secrets: ["userData"],
      },
    ]);
  });

  it("refuses what is not a checkpoint", () => {
    expect(() => bareResources({ resources: [{ urn: 1 }] })).toThrow();
  });
});
