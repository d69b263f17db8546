import { watchParent } from "../../../runtime/platform/parent-watch.ts";

// Stands for a command that works on a host: when the engine above it is gone it takes a second to its next safe point.
const work = setInterval(() => {}, 1000);
watchParent({ pollMs: 100 }).addEventListener("abort", () => setTimeout(() => clearInterval(work), 1000));
