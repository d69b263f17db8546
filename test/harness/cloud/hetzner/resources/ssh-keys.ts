/** `/ssh_keys`. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { notUnique } from "../errors.ts";
import { oneOf } from "../listing.ts";
import type { Project } from "../project.ts";
import { plainRoute, type Route, route } from "../route.ts";
import type { SshKeyRecord } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { created, labelsSchema, nameSchema, noContent, readRoutes, renameRoute } from "./shared.ts";

const algorithms: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
]);

/** The key blob of an OpenSSH public key line (RFC 4253 section 6.6), or null if it is none. */
function keyBlob(line: string): Buffer | null {
  const [algorithm = "", encoded = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(encoded, "base64");
  if (!algorithms.has(algorithm) || blob.length < 4) {
    return null;
  }
  const length = blob.readUInt32BE(0);
  return blob.toString("latin1", 4, 4 + length) === algorithm ? blob : null;
}

function fingerprint(blob: Buffer): string {
  const digest = createHash("md5").update(blob).digest("hex");
  return digest.match(/../g)?.join(":") ?? "";
}

function view(key: SshKeyRecord): object {
  return {
    id: key.id,
    name: key.name,
    fingerprint: key.fingerprint,
    public_key: key.publicKey,
    labels: key.labels,
    created: key.created,
  };
}

const createSchema = z.strictObject({
  name: nameSchema,
  public_key: z.string().refine((line) => keyBlob(line) !== null, "SSH key is not valid"),
  labels: labelsSchema.default({}),
});

function create(project: Project, body: z.output<typeof createSchema>): SshKeyRecord {
  project.requireUniqueName("ssh_keys", body.name);
  project.requireRoom("ssh_keys");
  const print = fingerprint(keyBlob(body.public_key) ?? Buffer.alloc(0));
  for (const other of project.state.ssh_keys.values()) {
    if (other.fingerprint === print) {
      throw notUnique("SSH key", "fingerprint");
    }
  }
  const key: SshKeyRecord = {
    id: project.nextId(),
    created: timestamp(),
    name: body.name,
    labels: body.labels,
    fingerprint: print,
    publicKey: body.public_key.trim(),
  };
  project.state.ssh_keys.set(key.id, key);
  return key;
}

export function sshKeyRoutes(project: Project): Route[] {
  const options = { project, kind: "ssh_keys", view } as const;
  return [
    ...readRoutes(options, { fingerprint: oneOf((key) => key.fingerprint) }),
    renameRoute(options),
    route({
      method: "POST",
      path: "/ssh_keys",
      body: createSchema,
      handle: ({ body }) => created({ ssh_key: view(create(project, body)) }),
    }),
    plainRoute("DELETE", "/ssh_keys/:id", ({ id }) => {
      project.get("ssh_keys", id);
      project.state.ssh_keys.delete(id);
      return noContent;
    }),
  ];
}
