import { z } from "zod";
import { secretName } from "./secrets.ts";

/**
 * Where a key can be in the installer, which runs in memory: not below the new system's mount point, the store, or what is not a file
 * system of files.
 */
const keyFilePath = z
  .string()
  .regex(/^(\/[A-Za-z0-9._@+-]+)+$/, "must be an absolute path of letters, digits and ._@+-")
  .refine((path) => !/\/\.\.?(\/|$)/.test(path), "must not hold . or ..")
  .refine(
    (path) => !/^\/(mnt|nix|dev|proc|sys)(\/|$)/.test(path),
    "must be in the installer's memory, such as /tmp/disk.key",
  );

/** Keys of encrypted disks: path that the disk layout names → name of a secret. */
export const diskKeySettings = z.record(keyFilePath, secretName, {
  error: ({ code }) =>
    code === "invalid_type" ? "must map paths of the disk layout to names of secrets" : undefined,
});
