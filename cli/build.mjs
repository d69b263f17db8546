// Bundles the `fleet` command: one file starts several times faster than a tree of TypeScript.
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, "dist");
const sources = ["cli", "engine", "fleet"];

/** What people run, and what the Pulumi program runs for each host: the latter as a script, whose compiled code can be kept. */
const bundles = {
  fleet: {
    file: path.join(dist, "fleet.mjs"),
    entry: "cli/main.ts",
    settings: {
      format: "esm",
      // CommonJS packages inside an ES module bundle still call require().
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    },
  },
  internal: {
    file: path.join(dist, "internal.cjs"),
    entry: "cli/internal/main.ts",
    settings: {
      format: "cjs",
      define: { "import.meta.url": "ownUrl" },
      banner: { js: 'const ownUrl = require("node:url").pathToFileURL(__filename).href;' },
    },
  },
};

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

/** Newest change of a source below a folder, in milliseconds. */
function newestIn(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(file));
    else if (/\.m?ts$|\.mjs$/.test(file)) newest = Math.max(newest, statSync(file).mtimeMs);
  }
  return newest;
}

function newestSource() {
  const folders = sources.map((source) => newestIn(path.join(root, source)));
  return Math.max(statSync(path.join(root, "package.json")).mtimeMs, ...folders);
}

function isFresh(file) {
  const built = statSync(file, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > newestSource();
}

/** Path of a bundle that is as new as its sources. Safe to run many times at once. @param name "fleet" or "internal" */
export async function freshBundle(name) {
  const { file } = bundles[name];
  if (!isFresh(file)) await bundle(bundles[name]);
  return file;
}

async function bundle({ file, entry, settings }) {
  const [{ build }, { createHash }] = await Promise.all([import("esbuild"), import("node:crypto")]);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [withoutZodLocales],
    logLevel: "error",
    ...settings,
  });
  const [{ text }] = outputFiles;
  const partial = `${file}.${process.pid}`;
  mkdirSync(dist, { recursive: true });
  // By its last line other files know what they belong to.
  writeFileSync(partial, `${text}//${createHash("sha256").update(text).digest("hex")}\n`);
  renameSync(partial, file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const name of Object.keys(bundles)) await freshBundle(name);
