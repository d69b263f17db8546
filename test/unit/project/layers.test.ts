import { isBuiltin } from "node:module";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "./source-files.ts";

/** What each layer may import: other layers of ours, and packages. The table of docs/architecture.md. */
interface Layer {
  readonly layers: readonly string[];
  readonly packages: (name: string) => boolean;
}

const isPulumi = (name: string) => /^@pulumi(verse)?\//.test(name);
const pure = new Set(["zod", "fastest-levenshtein", "brace-expansion", "ipaddr.js"]);

const layers: Readonly<Record<string, Layer>> = {
  fleet: { layers: ["fleet"], packages: (name) => pure.has(name) },
  engine: {
    layers: ["engine", "fleet"],
    packages: (name) => !isPulumi(name),
  },
  components: {
    layers: ["components", "engine", "fleet"],
    packages: (name) => !["execa", "commander"].includes(name),
  },
  cli: { layers: ["cli", "engine", "fleet"], packages: (name) => !isPulumi(name) },
  "index.ts": { layers: ["components", "engine", "fleet"], packages: isPulumi },
};

/**
 * What components take from the engine: command lines, evaluation and where it happens, asking the cloud, names of host keys, the look
 * at hosts of a preview, what a state knows, what facts are written into flakes.
 */
const engineForComponents =
  /^engine\/(nix\/|evaluation\/|facts\/|cloud\/|survey\/|disks\/|package-root\.ts|step-error\.ts|ssh\/fingerprint\.ts|stack\/(export|installs|known-balancers|known-choices|pending|places|servers|stack-record|volume-sizes)\.ts)/;

interface Import {
  readonly from: string;
  /** Repository path for our own files, else the package's or builtin's name. */
  readonly to: string;
  readonly own: boolean;
}

function importsOf(file: SourceFile): Import[] {
  return ts.preProcessFile(file.text, true, true).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith(".")) return { from: file.path, to: packageName(fileName), own: false };
    return { from: file.path, to: path.posix.join(path.posix.dirname(file.path), fileName), own: true };
  });
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}

const layerOf = (file: string) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : file);

function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const layer = layers[layerOf(file.path)];
    if (layer === undefined) return [];
    return importsOf(file)
      .filter(({ to, own }) =>
        own ? !layer.layers.includes(layerOf(to)) : !isBuiltin(to) && !layer.packages(to),
      )
      .map(({ from, to }) => `${from} imports ${to}`);
  });
}

describe("layers", () => {
  const files = sourceFiles(".ts", ".mjs");

  it("sees the sources", () => {
    for (const layer of Object.keys(layers))
      expect(
        files.filter((file) => layerOf(file.path) === layer),
        layer,
      ).not.toHaveLength(0);
  });

  it("import only what their place in the design allows", () => {
    expect(violations(files)).toEqual([]);
  });

  it("notices a violation", () => {
    const text =
      'import * as pulumi from "@pulumi/pulumi"; import { x } from "../cli/main.ts"; await import("execa");';
    expect(violations([{ path: "fleet/x.ts", text }])).toEqual([
      "fleet/x.ts imports @pulumi/pulumi",
      "fleet/x.ts imports cli/main.ts",
      "fleet/x.ts imports execa",
    ]);
  });

  it("keeps fleet/ free of input and output", () => {
    const io = files
      .filter((file) => layerOf(file.path) === "fleet")
      .flatMap(importsOf)
      .filter(({ to, own }) => !own && isBuiltin(to));
    expect(io).toEqual([]);
  });

  it("lets components use the engine only to build command lines and to evaluate", () => {
    const others = files
      .filter((file) => layerOf(file.path) === "components")
      .flatMap(importsOf)
      .filter(({ to, own }) => own && layerOf(to) === "engine" && !engineForComponents.test(to));
    expect(others).toEqual([]);
  });

  it("keeps the harness out of the product", () => {
    const intruders = files
      .filter((file) => layers[layerOf(file.path)] !== undefined)
      .flatMap(importsOf)
      .filter(({ to, own }) => own && ["test", "bench"].includes(layerOf(to)));
    expect(intruders).toEqual([]);
  });
});
