#!/usr/bin/env node
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { freshBundle, keepCompiled } from "./build.mjs";

if (process.argv[2] === "internal") {
  const bundle = await freshBundle("internal");
  // Each host has a process of its own, and most of its start is compiling. What is compiled differs from command to command.
  keepCompiled((process.argv[3] ?? "").replaceAll(/[^a-z-]/g, ""));
  createRequire(import.meta.url)(bundle);
} else {
  const bundle = await freshBundle("fleet");
  keepCompiled("fleet");
  await import(pathToFileURL(bundle).href);
}
