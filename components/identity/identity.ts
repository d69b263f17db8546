import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { parts, resourceName, typeTokens } from "../../model/naming/resource-names.ts";
import { hostAliases } from "../shared/aliases.ts";
import { ageRecipient } from "./age-recipient.ts";
import { wireguardPublicKey } from "./wireguard-key.ts";

/** Arguments of `Identity`. */
export interface IdentityArgs {
  /** Former names of the host. */
  readonly aliases: readonly string[];
  /** Refuse to delete or replace the keys: a lost host key is a lost identity. */
  readonly protect: boolean;
  /** Public host key that the machine has and keeps; null: a pair is made for it. */
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

  readonly #host: string;
  readonly #args: IdentityArgs;

  constructor(host: string, args: IdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super(
      typeTokens.identity,
      resourceName(host, parts.identity),
      {},
      {
        ...opts,
        aliases: hostAliases(args.aliases, parts.identity),
      },
    );
    this.#host = host;
    this.#args = args;
    this.hostKey =
      args.keptKey === null ? this.#key(parts.hostKey) : { publicKey: args.keptKey, privateKey: null };
    this.ageRecipient = this.hostKey.publicKey.apply(ageRecipient);
    const { privateKey } = this.hostKey;
    // The public half of a key pair: nothing of the secret it is made of can be told from it.
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
    const key = new tls.PrivateKey(
      resourceName(this.#host, part),
      { algorithm: "ED25519" },
      { parent: this, protect: this.#args.protect, aliases: hostAliases(this.#args.aliases, part) },
    );
    return {
      publicKey: key.publicKeyOpenssh.apply((text) => text.trim()),
      privateKey: key.privateKeyOpenssh,
    };
  }
}
