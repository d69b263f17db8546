/** IAM: SSH keys of the project. Every enabled one gets into every server that boots for the first time. */
import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { invalidArgument } from "../errors.ts";
import { type Project, timestamp } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { SshKeyRecord } from "../state.ts";

const base = "/iam/v1alpha1/ssh-keys";

/** `ssh-ed25519 AAAA… comment` → `256 MD5:… (ssh-ed25519)` */
function fingerprintOf(publicKey: string): string {
  const [type = "", blob = ""] = publicKey.split(" ");
  if (!/^(ssh-|ecdsa-)/.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(blob))
    throw invalidArgument("public_key", "is not an SSH public key");
  const md5 = createHash("md5").update(Buffer.from(blob, "base64")).digest("hex");
  return `256 MD5:${md5.match(/../g)?.join(":")} (${type})`;
}

function view(project: Project, key: SshKeyRecord): object {
  return {
    id: key.id,
    name: key.name,
    public_key: key.publicKey,
    fingerprint: key.fingerprint,
    created_at: key.created,
    updated_at: key.modified,
    organization_id: project.id,
    project_id: project.id,
    disabled: key.disabled,
  };
}

/** Public keys for a server that boots for the first time. */
export function enabledKeys(project: Project): string[] {
  return [...project.state.ssh_keys.values()].filter((key) => !key.disabled).map((key) => key.publicKey);
}

export function sshKeyRoutes(project: Project): Route[] {
  const keys = project.state.ssh_keys;
  return [
    route({
      method: "POST",
      path: base,
      body: z.strictObject({ name: z.string().min(1), public_key: z.string(), project_id: z.uuid() }),
      handle: ({ body }) => {
        project.requireOwn(body.project_id);
        project.requireRoom("ssh_keys");
        // The comment is dropped, as the real API does.
        const publicKey = body.public_key.trim().split(" ").slice(0, 2).join(" ");
        const fingerprint = fingerprintOf(publicKey);
        if ([...keys.values()].some((key) => key.publicKey === publicKey))
          throw invalidArgument("public_key", "is registered already");
        const now = timestamp();
        const times = { created: now, modified: now };
        const key = { id: randomUUID(), name: body.name, publicKey, fingerprint, disabled: false, ...times };
        keys.set(key.id, key);
        return { status: 200, body: view(project, key) };
      },
    }),
    plainRoute("GET", `${base}/:id`, ({ id }) => ({
      status: 200,
      body: view(project, project.get("ssh_keys", null, id)),
    })),
    route({
      method: "PATCH",
      path: `${base}/:id`,
      body: z.strictObject({ name: z.string().min(1).optional(), disabled: z.boolean().optional() }),
      handle: ({ id, body }) => {
        const key = project.get("ssh_keys", null, id);
        key.name = body.name ?? key.name;
        key.disabled = body.disabled ?? key.disabled;
        key.modified = timestamp();
        return { status: 200, body: view(project, key) };
      },
    }),
    plainRoute("DELETE", `${base}/:id`, ({ id }) => {
      keys.delete(project.get("ssh_keys", null, id).id);
      return { status: 204, body: null };
    }),
  ];
}
