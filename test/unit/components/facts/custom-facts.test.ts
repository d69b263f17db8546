import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { customFacts } from "../../../../components/facts/custom-facts.ts";

const outputs = { url: "https://shop.example.org", ports: [80, 443], token: "swordfish" };

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, inputs }) => {
        if (type !== "pulumi:pulumi:StackReference") throw new Error(`unexpected ${type}`);
        if (inputs["name"] !== "organization/shop/prod") throw new Error("unknown stack");
        return { id: "shop", state: { ...inputs, outputs, secretOutputNames: ["token"] } };
      },
      call: ({ token }) => {
        throw new Error(`unexpected ${token}`);
      },
    },
    "fleet",
    "test",
    false,
    "organization",
  );
});

const shop = (output: string, stack = "organization/shop/prod") => ({ stack, output });

async function valuesOf(...given: Parameters<typeof customFacts>): Promise<Record<string, unknown>> {
  const facts = Object.entries(await customFacts(...given));
  return Object.fromEntries(
    await Promise.all(facts.map(async ([name, fact]) => [name, await fact] as const)),
  );
}

const known = (value: unknown) => ({ known: true, value });

describe("customFacts", () => {
  it("gathers values, outputs of other stacks and Outputs of the program", async () => {
    const own = { list: pulumi.output(["a", { b: null }]), plain: 7 };
    expect(await valuesOf({ url: shop("url"), ports: shop("ports"), text: "x" }, own)).toEqual({
      url: known(outputs.url),
      ports: known(outputs.ports),
      text: known("x"),
      list: known(["a", { b: null }]),
      plain: known(7),
    });
  });

  it("knows that an Output is not known yet", async () => {
    expect(await valuesOf({}, { later: pulumi.output(pulumi.unknown) })).toEqual({
      later: { known: false, until: "what gives facts.later exists" },
    });
  });

  it("tells all that is wrong with other stacks at once", async () => {
    const settings = {
      address: shop("urll"),
      key: shop("token"),
      own: shop("url", "organization/fleet/test"),
      port: 80,
    };
    const error: unknown = await customFacts(settings, { port: 81 }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(pulumi.RunError);
    const text = String(error);
    expect(text).toContain("the configuration has 4 errors");
    expect(text).toContain(
      'fleet:facts.address.output: "urll" is not an output of stack "organization/shop/prod"; did you mean "url"?',
    );
    expect(text).toContain('fleet:facts.key.output: "token" is a secret');
    expect(text).toContain("fleet:facts.own.stack: is this stack itself");
    expect(text).toContain("fleet:facts.port: is given by the program too");
    expect(text).not.toContain("swordfish");
  });

  it("refuses a secret Output, and what JSON cannot hold", async () => {
    await expect(valuesOf({}, { token: pulumi.secret("swordfish") })).rejects.toThrow(
      'the fact "token" is a secret: facts end up in the Nix store',
    );
    await expect(valuesOf({}, { token: pulumi.output({ deep: pulumi.secret("x") }) })).rejects.toThrow(
      '"token" is a secret',
    );
    await expect(valuesOf({}, { nothing: pulumi.output(undefined) })).rejects.toThrow(
      '"nothing" is nothing that JSON can hold',
    );
  });
});
