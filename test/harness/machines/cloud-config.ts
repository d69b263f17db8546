import { parseDocument } from "yaml";
import { z } from "zod";

const publicKey = z.string().regex(/^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( .*)?$/, "not an SSH public key");
const userName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/);

const user = z.strictObject({
  name: userName,
  ssh_authorized_keys: z.array(publicKey).optional(),
  sudo: z.union([z.string(), z.array(z.string())]).optional(),
  shell: z.string().startsWith("/").optional(),
  lock_passwd: z.literal(true).optional(),
});

/** The part of cloud-config that test machines carry out (names: cloud-init's module reference). Anything else is an error. */
const cloudConfig = z.strictObject({
  hostname: z.string().min(1).optional(),
  ssh_deletekeys: z.boolean().optional(),
  ssh_keys: z
    .strictObject({
      ed25519_private: z.string().optional(),
      ed25519_public: publicKey.optional(),
      ecdsa_private: z.string().optional(),
      ecdsa_public: publicKey.optional(),
      rsa_private: z.string().optional(),
      rsa_public: publicKey.optional(),
    })
    .optional(),
  ssh_authorized_keys: z.array(publicKey).optional(),
  ssh_pwauth: z.literal(false).optional(),
  disable_root: z.literal(false).optional(),
  users: z.array(z.union([z.literal("default"), user])).optional(),
});
export type CloudConfig = z.infer<typeof cloudConfig>;

/** User data as cloud-init reads it: a configuration, or what is wrong with it, in one or more lines. */
export type ParsedUserData =
  | { readonly ok: true; readonly config: CloudConfig }
  | { readonly ok: false; readonly error: string };

/** @param userData `#cloud-config` YAML, or null for none */
export function parseUserData(userData: string | null): ParsedUserData {
  if (userData === null) return { ok: true, config: {} };
  if (!/^#cloud-config\s*$/m.test(userData.split("\n", 1)[0] ?? ""))
    return { ok: false, error: 'user data: the first line is not "#cloud-config"' };
  let content: unknown;
  try {
    const document = parseDocument(userData, { logLevel: "silent" });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw fault;
    content = document.toJS() ?? {};
  } catch (error) {
    return { ok: false, error: `user data: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = cloudConfig.safeParse(content);
  if (parsed.success) return { ok: true, config: parsed.data };
  return { ok: false, error: `user data: ${z.prettifyError(parsed.error)}` };
}
