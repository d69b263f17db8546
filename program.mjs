// What `pulumi` runs (package.json "main"): index.ts, bundled when a source has changed, so that an edit needs no step before a preview.
import "./cli/needs-node.cjs";
import { pathToFileURL } from "node:url";
import { freshBundle, keepCompiled } from "./cli/build.mjs";

// An error of one host rejects all that is created from it, in places later than Node likes: the error itself is shown by Pulumi.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "PromiseRejectionHandledWarning") console.warn(String(warning));
});

keepCompiled("program");
const program = await import(pathToFileURL(await freshBundle("program")).href);
export const hosts = program.hosts;
export const loadBalancers = program.loadBalancers;
export const credentials = program.credentials;
export const facts = program.facts;
export const nextSteps = program.nextSteps;
