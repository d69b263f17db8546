import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** The machine figures were taken on, in one line; `seconds` tells how fast it was at that time. */
export function describeMachine(): string {
  const [processor] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const model = processor?.model.trim() || "unknown processor";
  return [
    `${cpus().length} × ${model}`,
    `${memory} GiB`,
    `${distribution()}, Linux ${release()}`,
    `Node ${process.versions.node}`,
    `SHA-256 of 256 MiB in ${hashSeconds().toFixed(2)} s`,
  ].join("; ");
}

function distribution(): string {
  const release = readFileSync("/etc/os-release", "utf8");
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "unknown distribution";
}

/** A fixed piece of work on one processor: model names say little about virtual machines. */
function hashSeconds(): number {
  const block = Buffer.alloc(2 ** 20);
  const start = performance.now();
  const hash = createHash("sha256");
  for (let mebibyte = 0; mebibyte < 256; mebibyte++) hash.update(block);
  hash.digest();
  return (performance.now() - start) / 1000;
}
