// What `pulumi` runs (package.json "main"): index.ts through tsx, so that no build step stands between an edit and a preview.
import { register } from "tsx/esm/api";

register();
const program = await import("./index.ts");
export const hosts = program.hosts;
export const access = program.access;
export const next = program.next;
