// Bundles the `fleet` command into dist/fleet.mjs: one file starts several times faster than a tree of TypeScript.
import { readdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bundle = path.join(root, "dist", "fleet.mjs");
const sources = ["cli", "engine", "fleet"];

/** Zod's messages in fifty languages are a third of the bundle, and cost every start; it imports the English ones by themselves. */
const withoutZodLocales = {
  name: "without-zod-locales",
  setup(build) {
    build.onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer }) =>
      /node_modules[\\/]zod[\\/]/.test(importer) ? { path: "locales", namespace: "nothing" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export {};" }));
  },
};

/** Newest change below the source folders, in milliseconds. */
function newestSource() {
  let newest = statSync(path.join(root, "package.json")).mtimeMs;
  for (const source of sources)
    for (const entry of readdirSync(path.join(root, source), { recursive: true }))
      newest = Math.max(newest, statSync(path.join(root, source, entry)).mtimeMs);
  return newest;
}

function upToDate() {
  const built = statSync(bundle, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > newestSource();
}

/** Path of a bundle that is as new as its sources. Safe to run many times at once. */
export async function freshBundle() {
  if (upToDate()) return bundle;
  const { build } = await import("esbuild");
  const partial = `${bundle}.${process.pid}`;
  await build({
    absWorkingDir: root,
    entryPoints: ["cli/main.ts"],
    outfile: partial,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [withoutZodLocales],
    logLevel: "error",
    // CommonJS packages inside an ES module bundle still call require().
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  renameSync(partial, bundle);
  return bundle;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await freshBundle();
