import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { HostNames } from "../../model/naming/host-names.ts";
import { parts, typeTokens } from "../../model/naming/resource-names.ts";
import { ageRecipient } from "./age-recipient.ts";
import { wireguardPublicKey } from "./wireguard-key.ts";

/** Arguments of `Identity`. */
export interface IdentityArgs {
  /** Refuse to delete or replace the keys: a lost host key is a lost identity. */
  readonly protect: boolean;
  /** Public host key that the machine has and keeps; null: a pair is generated for it. */
  readonly keptKey: pulumi.Output<string> | null;
}

/** A key pair in OpenSSH's formats. The private half is a secret. */
export interface SshKeyPair {
  /** `ssh-ed25519 AAAA…` without comment or line end. */
  readonly publicKey: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** A host's final key: made by us and installed, or the machine's own, of which we know the public half only. */
export interface HostKey {
  readonly publicKey: pulumi.Output<string>;
  /** Secret; null: it never leaves the machine. */
  readonly privateKey: pulumi.Output<string> | null;
}

/** The host keys of one host. The final one only ever travels over the verified connection. */
export class Identity extends pulumi.ComponentResource {
  readonly hostKey: HostKey;
  /** age recipient for sops, derived from the final host key. */
  readonly ageRecipient: pulumi.Output<string>;
  /** WireGuard public key, derived from the final host key; null where the machine keeps a key of its own. */
  readonly wireguardKey: pulumi.Output<string | null>;

  readonly #names: HostNames;
  readonly #args: IdentityArgs;

  constructor(names: HostNames, args: IdentityArgs, opts: pulumi.ComponentResourceOptions) {
    const { name, aliases } = names.of(parts.identity);
    super(typeTokens.identity, name, {}, { ...opts, aliases });
    this.#names = names;
    this.#args = args;
    this.hostKey =
      args.keptKey === null ? this.#key(parts.hostKey) : { publicKey: args.keptKey, privateKey: null };
    this.ageRecipient = this.hostKey.publicKey.apply(ageRecipient);
    const { privateKey } = this.hostKey;
    // The public half of a key pair: the secret cannot be derived from it.
    this.wireguardKey =
      privateKey === null ? pulumi.output(null) : pulumi.unsecret(privateKey.apply(wireguardPublicKey));
    this.registerOutputs({ hostPublicKey: this.hostKey.publicKey, ageRecipient: this.ageRecipient });
  }

  /**
   * Makes the key of a stock image, which is valid until the install: it goes into user data, which is readable on the machine.
   * Call it once.
   */
  makeBootstrapKey(): SshKeyPair {
    return this.#key(parts.bootstrapKey);
  }

  #key(part: typeof parts.bootstrapKey | typeof parts.hostKey): SshKeyPair {
    const { name, aliases } = this.#names.of(part);
    const key = new tls.PrivateKey(
      name,
      { algorithm: "ED25519" },
      { parent: this, protect: this.#args.protect, aliases },
    );
    return {
      publicKey: key.publicKeyOpenssh.apply((text) => text.trim()),
      privateKey: key.privateKeyOpenssh,
    };
  }
}
