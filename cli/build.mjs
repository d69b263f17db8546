// Bundles the `fleet` command, and the program that Pulumi runs: one file starts several times faster than a tree of TypeScript.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, "dist");

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

const packagesIncluded = { minifySyntax: true, minifyWhitespace: true, plugins: [withoutZodLocales] };

/** What people run, what the Pulumi program runs for each host (as a script, whose compiled code can be kept), and that program. */
const bundles = {
  fleet: {
    file: path.join(dist, "fleet.mjs"),
    entry: "cli/main.ts",
    settings: {
      ...packagesIncluded,
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
      ...packagesIncluded,
      format: "cjs",
      define: { "import.meta.url": "ownUrl" },
      banner: { js: 'const ownUrl = require("node:url").pathToFileURL(__filename).href;' },
    },
  },
  program: {
    file: path.join(dist, "program.mjs"),
    entry: "index.ts",
    // Pulumi's packages have to be the ones its engine loads, and to leave out the others makes an edit a matter of 0.2 s.
    settings: { format: "esm", packages: "external" },
  },
};

/** Besides its sources a bundle contains packages, which change with these files. */
const always = ["package.json", "package-lock.json", "tsconfig.json"];

/** Whether a file is still the one that was read. */
function stampOf(name) {
  const found = statSync(path.resolve(root, name), { throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

function recordOf(file) {
  return `${file}.made-of.json`;
}

/** Compares the very files it was built from, wherever they are: users' programs import modules of their own. */
function isFresh(file) {
  try {
    const madeOf = Object.entries(JSON.parse(readFileSync(recordOf(file), "utf8")));
    return madeOf.length > 0 && madeOf.every(([name, stamp]) => stampOf(name) === stamp);
  } catch {
    return false;
  }
}

/** Path of a bundle that is as new as its sources. Safe to run many times at once. @param name "fleet", "internal" or "program" */
export async function freshBundle(name) {
  const { file } = bundles[name];
  if (!isFresh(file)) await bundle(bundles[name]);
  return file;
}

async function bundle({ file, entry, settings }) {
  const { build } = await import("esbuild");
  const started = Date.now();
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node22",
    logLevel: "error",
    ...settings,
  });
  const [{ text }] = outputFiles;
  mkdirSync(dist, { recursive: true });
  const made = put(file, text);
  const sources = Object.keys(metafile.inputs).filter((name) => !/(^|\/)node_modules\/|^nothing:/.test(name));
  // What was changed meanwhile may have been read before or after: then the next start makes the bundle again.
  const isKnown = sources.every((name) => statSync(path.resolve(root, name)).mtimeMs < started);
  const stamps = [...always, ...sources].map((name) => [name, stampOf(name)]);
  const record = isKnown ? { [path.relative(root, file)]: made, ...Object.fromEntries(stamps) } : {};
  put(recordOf(file), JSON.stringify(record));
}

/** Keeps the code that V8 compiles from here on, next to the bundles. @param purpose each has a folder of its own */
export function keepCompiled(purpose) {
  enableCompileCache(path.join(dist, "compiled", purpose));
}

/** Its stamp: of this very file, should another process put its own there at the same time. */
function put(file, text) {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text);
  const stamp = stampOf(partial);
  renameSync(partial, file);
  return stamp;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const name of Object.keys(bundles)) await freshBundle(name);
