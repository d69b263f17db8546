// Runs a bundle with the code that V8 compiled the last time: each host has a process of its own, and most of its start is compiling.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Script } from "node:vm";

/** "//" and a SHA-256 in hexadecimal: V8 itself compares no more of a source than its length. */
const markLength = 66;
const whole = "whole";
const part = "part ";

/** @param purpose what it is run for: what is compiled differs */
export function runCached(file, purpose) {
  // The bundle is ASCII.
  const source = readFileSync(file, "latin1");
  const mark = source.trimEnd().slice(-markLength);
  const cacheFile = `${file}.${purpose.replaceAll(/[^a-z-]/g, "")}.${process.versions.v8}`;
  const cached = readCache(cacheFile, mark);
  const script = new Script(`(function (require, __filename, module, exports) {${source}})`, {
    filename: file,
    ...(cached === undefined ? {} : { cachedData: cached.data }),
  });
  const isUsed = cached !== undefined && script.cachedDataRejected !== true;
  if (!isUsed || cached.extent !== whole)
    process.once("exit", (code) => {
      if (code === 0) writeCache(cacheFile, mark + whole, script);
      else if (!isUsed) writeCache(cacheFile, mark + part, script);
    });
  const module = { exports: {} };
  script.runInThisContext()(createRequire(file), file, module, module.exports);
}

function readCache(cacheFile, mark) {
  try {
    const bytes = readFileSync(cacheFile);
    const start = markLength + whole.length;
    if (bytes.toString("latin1", 0, markLength) !== mark) return undefined;
    return { extent: bytes.toString("latin1", markLength, start), data: bytes.subarray(start) };
  } catch {
    return undefined;
  }
}

/** Holds what was compiled until now, so it is written at the end. */
function writeCache(cacheFile, head, script) {
  const partial = path.join(path.dirname(cacheFile), `.${path.basename(cacheFile)}.${process.pid}`);
  try {
    writeFileSync(partial, Buffer.concat([Buffer.from(head, "latin1"), script.createCachedData()]));
    renameSync(partial, cacheFile);
  } catch {
    // A folder that cannot be written to costs time and nothing else.
  }
}
