import { createHash } from "node:crypto";

/** A store path of a package; `build` tells two builds of it apart. */
export function storePath(name: string, build = "1"): string {
  const hash = createHash("sha256").update(`${name} ${build}`).digest("hex").replace(/e/g, "z").slice(0, 32);
  return `/nix/store/${hash}-${name}`;
}
