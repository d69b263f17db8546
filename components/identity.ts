import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { parts, resourceName, typeTokens } from "../fleet/names.ts";
import { ageRecipient } from "./age-recipient.ts";
import { formerNames } from "./former-names.ts";

/** Arguments of `Identity`. */
export interface IdentityArgs {
  /** Former names of the host. */
  readonly formerly: readonly string[];
  /** Refuse to delete or replace the keys: a lost host key is a lost identity. */
  readonly protect: boolean;
}

/** A key pair in OpenSSH's formats. The private half is a secret. */
export interface SshKeyPair {
  /** `ssh-ed25519 AAAA…` without comment or line end. */
  readonly publicKey: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
}

/**
 * The two host keys of one host. The bootstrap key goes into user data, which is readable on the machine, and is valid
 * until the install; the final key only ever travels over the verified connection.
 */
export class Identity extends pulumi.ComponentResource {
  readonly bootstrapKey: SshKeyPair;
  readonly hostKey: SshKeyPair;
  /** age recipient for sops, derived from the final host key. */
  readonly ageRecipient: pulumi.Output<string>;

  constructor(host: string, args: IdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super(
      typeTokens.identity,
      resourceName(host, parts.identity),
      {},
      {
        ...opts,
        aliases: formerNames(args.formerly, parts.identity),
      },
    );
    this.bootstrapKey = this.#key(host, parts.bootstrapKey, args);
    this.hostKey = this.#key(host, parts.hostKey, args);
    this.ageRecipient = this.hostKey.publicKey.apply(ageRecipient);
    this.registerOutputs({
      bootstrapPublicKey: this.bootstrapKey.publicKey,
      hostPublicKey: this.hostKey.publicKey,
      ageRecipient: this.ageRecipient,
    });
  }

  #key(host: string, part: typeof parts.bootstrapKey | typeof parts.hostKey, args: IdentityArgs): SshKeyPair {
    const key = new tls.PrivateKey(
      resourceName(host, part),
      { algorithm: "ED25519" },
      { parent: this, protect: args.protect, aliases: formerNames(args.formerly, part) },
    );
    return {
      publicKey: key.publicKeyOpenssh.apply((text) => text.trim()),
      privateKey: key.privateKeyOpenssh,
    };
  }
}
