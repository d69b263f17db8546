/** Major, minor and patch of a release; what follows them (pre-release, build) does not count here. */
export type Version = readonly [major: number, minor: number, patch: number];

/**
 * Reads the first version number of a program's own words. What stands in parentheses counts only where there is no other:
 * `systemd 257 (257.9-1)`, `OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.17`, `nix (Determinate Nix 3.6.2) 2.29.0`, `jq-1.6`, `v3.232.0`.
 *
 * @returns undefined when there is none
 */
export function parseVersion(text: string): Version | undefined {
  const number = /(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?/;
  const found = number.exec(text.replaceAll(/\([^)]*\)/g, "")) ?? number.exec(text);
  if (found === null) return undefined;
  return [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

/** Negative when `a` is older than `b`, zero when they are the same, positive when it is newer. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** `3.232.0` */
export function formatVersion(version: Version): string {
  return version.join(".");
}

/** Whether `version` is at least `minimum`; `minimum` must hold a version number. */
export function isAtLeast(version: Version, minimum: string): boolean {
  return compareVersions(version, requireVersion(minimum)) >= 0;
}

/** Whether a program of `version` serves what was written for `pin`: same major, at least its minor. */
export function isCompatible(version: Version, pin: string): boolean {
  const [major, minor] = requireVersion(pin);
  return version[0] === major && version[1] >= minor;
}

function requireVersion(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`"${text}" holds no version number`);
  return version;
}
