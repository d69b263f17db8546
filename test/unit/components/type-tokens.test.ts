import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { typeTokens } from "../../../model/naming/resource-names.ts";

const folder = path.resolve(import.meta.dirname, "../../../components");

/** Folder below components → module of its type tokens. */
const modules: Readonly<Record<string, string>> = {
  host: "index",
  identity: "index",
  "load-balancer": "loadbalancer",
  network: "network",
  placement: "placement",
  rollout: "index",
  server: "server",
};

/** Component classes of the program, and the first argument of each one's `super(…)`. */
const classes = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    return text
      .split(/^export class /m)
      .slice(1)
      .filter((source) => /^\w+ extends pulumi\.ComponentResource\b/.test(source))
      .map((source) => ({
        name: /^\w+/.exec(source)?.[0] ?? "",
        module: modules[path.dirname(file).split(path.sep)[0] ?? ""],
        argument: /\bsuper\(\s*([^,]+),/.exec(source)?.[1],
      }));
  });

test.each(classes)("the token of $name has its name and module", ({ name, module, argument }) => {
  const [key] = Object.entries(typeTokens).find(([, token]) => token === `nixos:${module}:${name}`) ?? [];
  expect(key, `no token nixos:${module}:${name}`).toBeDefined();
  expect(argument).toBe(`typeTokens.${key}`);
});

test("each token belongs to one class", () => {
  const own = classes.map(({ module, name }) => `nixos:${module}:${name}`);
  expect(own.sort()).toEqual(Object.values(typeTokens).sort());
});
