/**
 * cloud-init user data (#cloud-config; JSON is YAML) that gives the stock image the host key we pinned, and ours only.
 * It is readable on the machine, so it holds the bootstrap key and never the final one.
 * Source: cloud-init documentation, module "SSH": ssh_deletekeys, ssh_keys.
 */
export function bootstrapUserData(bootstrapKey: { publicKey: string; privateKey: string }): string {
  const config = {
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: bootstrapKey.privateKey, ed25519_public: bootstrapKey.publicKey },
  };
  return `#cloud-config\n${JSON.stringify(config, null, 2)}\n`;
}
