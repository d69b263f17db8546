// A file of its own: a Node.js that is too old for `import()` would refuse to read anything else in it.
import("./bin.mjs");
