// What `pulumi` runs (package.json "main"): index.ts through tsx, so that no build step stands between an edit and a preview.
import { register } from "tsx/esm/api";

// A fault of one host rejects all that is made of it, here and there later than Node likes: the fault itself is shown by Pulumi.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "PromiseRejectionHandledWarning") console.warn(String(warning));
});

register();
const program = await import("./index.ts");
export const hosts = program.hosts;
export const loadBalancers = program.loadBalancers;
export const access = program.access;
export const facts = program.facts;
export const next = program.next;
