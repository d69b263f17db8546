import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

/**
 * Builds a kexec tarball for test machines: it holds `kexec/run`, as those of nixos-images do.
 * @param folder where it goes (made if missing)
 * @returns absolute path of the `.tar.gz`
 */
export function buildKexecTarball(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(folder, "kexec-"));
  try {
    mkdirSync(path.join(work, "kexec"));
    copyFileSync(path.join(import.meta.dirname, "run.sh"), path.join(work, "kexec", "run"));
    const built = path.join(work, "built.tar.gz");
    execFileSync("tar", ["-C", work, "--mode=755", "--owner=0", "--group=0", "-czf", built, "kexec"]);
    const tarball = path.join(path.resolve(folder), "test-machine-kexec.tar.gz");
    renameSync(built, tarball);
    return tarball;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
