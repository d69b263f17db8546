#!/usr/bin/env node
import { pathToFileURL } from "node:url";
import { freshBundle } from "./build.mjs";

await import(pathToFileURL(await freshBundle()).href);
