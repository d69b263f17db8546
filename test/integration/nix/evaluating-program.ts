import { createEvaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import { createFacts } from "./workspace.ts";

// A program of its own, for tests that end it: evaluates `web` of ./hosts below the given folder.
const projectRoot = process.argv[2] ?? "";
const evaluator = createEvaluator({ projectRoot, cacheRoot: `${projectRoot}/.fleet/cache` });
const request = { host: "web", flake: "./hosts", attribute: "web", facts: createFacts() };
await evaluator.evaluateHost(request).catch(() => undefined);
