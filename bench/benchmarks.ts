import { cliStart } from "./benchmarks/cli-start.ts";
import { demo } from "./benchmarks/demo.ts";
import { deploy } from "./benchmarks/deploy.ts";
import { deployFailures } from "./benchmarks/deploy-failures.ts";
import { deployUpdate } from "./benchmarks/deploy-update.ts";
import { fleetSize } from "./benchmarks/fleet-size.ts";
import { install } from "./benchmarks/install.ts";
import { machine } from "./benchmarks/machine.ts";
import { noNix } from "./benchmarks/no-nix.ts";
import { preview } from "./benchmarks/preview.ts";
import type { Benchmark } from "./report.ts";

/** All there are, in the order of docs/benchmarks.md. */
export const benchmarks: readonly Benchmark[] = [
  preview,
  fleetSize,
  noNix,
  cliStart,
  machine,
  demo,
  install,
  deploy,
  deployUpdate,
  deployFailures,
];

/** @throws Error naming those there are */
export function benchmarkNamed(name: string): Benchmark {
  const found = benchmarks.find((benchmark) => benchmark.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `no benchmark is called "${name}": there are ${benchmarks.map((one) => one.name).join(", ")}`,
  );
}
