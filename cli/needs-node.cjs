// Loaded before everything else, also by a Node.js that is too old for the rest: only syntax that every one of them can read.
"use strict";

var needed = /(\d+)\.(\d+)/.exec(require("../package.json").engines.node);
var given = process.versions.node.split(".").map(Number);

if (given[0] < Number(needed[1]) || (given[0] === Number(needed[1]) && given[1] < Number(needed[2]))) {
  console.error(
    "Node.js " +
      needed[0] +
      " or newer is needed and this is " +
      process.versions.node +
      ": install a newer one (https://nodejs.org) and let PATH find it first",
  );
  // Pulumi takes 32 for "all is said"; anything else it explains with lines of its own.
  process.exit(process.env.PULUMI_CONFIG === undefined ? 1 : 32);
}
