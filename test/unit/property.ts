import * as fc from "fast-check";

// One seed a day: a failure can be run again the same day without copying it, and chance still moves on.
fc.configureGlobal({ seed: Number(new Date().toISOString().slice(0, 10).replaceAll("-", "")), numRuns: 200 });

export { fc };
