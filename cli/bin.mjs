#!/usr/bin/env node
import { pathToFileURL } from "node:url";
import { freshBundle } from "./build.mjs";
import { runCached } from "./run-cached.mjs";

if (process.argv[2] === "internal") runCached(await freshBundle("internal"), process.argv[3] ?? "");
else await import(pathToFileURL(await freshBundle("fleet")).href);
