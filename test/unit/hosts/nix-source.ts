import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const hostsFolder = fileURLToPath(new URL("../../../hosts/", import.meta.url));

/** Every `.nix` file below a folder, absolute, in a fixed order. */
export function nixFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".nix"))
    .sort()
    .map((name) => path.join(folder, name));
}

/** Nix source without comments and without the text of strings (interpolations are kept): what is left is code. */
export function codeOf(source: string): string {
  let code = "";
  let rest = source;
  // Per open string its closing quotes, per open interpolation the depth of its braces.
  const open: (string | number)[] = [];
  while (rest !== "") {
    const top = open.at(-1);
    const token = typeof top === "string" ? stringToken(rest, top) : codeToken(rest);
    rest = rest.slice(token.length);
    if (typeof top === "string") {
      if (token === "${") {
        open.push(0);
        code += token;
      } else if (token === top) {
        open.pop();
        code += '"';
      }
      continue;
    }
    if (token.startsWith("#") || token.startsWith("/*")) continue;
    if (token === '"' || token === "''") {
      open.push(token);
      code += '"';
      continue;
    }
    code += token;
    if (typeof top !== "number") continue;
    if (token === "{" || token === "${") open[open.length - 1] = top + 1;
    if (token === "}" && top === 0) open.pop();
    if (token === "}" && top > 0) open[open.length - 1] = top - 1;
  }
  return code;
}

function codeToken(rest: string): string {
  const token = /^(?:#[^\n]*|\/\*[\s\S]*?\*\/|''|\$\{|[\s\S])/.exec(rest);
  return token?.[0] ?? rest;
}

function stringToken(rest: string, closing: string): string {
  const escapes = closing === '"' ? /^(?:\\[\s\S]|\$\$|\$\{)/ : /^(?:''\\[\s\S]|''\$|'''|\$\$|\$\{)/;
  const escaped = escapes.exec(rest)?.[0];
  if (escaped !== undefined) return escaped;
  return rest.startsWith(closing) ? closing : rest.slice(0, 1);
}

/** The source of a file, read as text. */
export function sourceOf(file: string): string {
  return readFileSync(file, "utf8");
}
