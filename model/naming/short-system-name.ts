/** `/nix/store/<hash>-nixos-system-web-26.05` → `nixos-system-web-26.05 (<first 7 of the hash>)` */
export function shortSystem(path: string): string {
  const match = /^\/nix\/store\/([a-z0-9]{32})-(.+)$/.exec(path);
  return match === null ? path : `${match[2]} (${match[1]?.slice(0, 7)})`;
}
