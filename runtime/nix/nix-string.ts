/** A Nix string literal of any text (Nix manual, "String literal"): `${` would start an interpolation. */
export function nixString(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("${", "\\${");
  return `"${escaped}"`;
}
