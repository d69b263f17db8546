import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { typeTokens } from "../fleet/names.ts";

/** Arguments of `DeployKey`. */
export interface DeployKeyArgs {
  /** Name under which the key is registered with Hetzner Cloud, where names and keys are unique in a project. */
  readonly hetznerName: string;
  readonly protect: boolean;
}

/** The key pair that all of a stack's operators log in with: it lives in the stack's state, encrypted. */
export class DeployKey extends pulumi.ComponentResource {
  readonly publicKey: pulumi.Output<string>;
  /** Secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Id of the key at Hetzner Cloud, for servers to be created with it. */
  readonly hetznerId: pulumi.Output<string>;

  constructor(name: string, args: DeployKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super(typeTokens.deployKey, name, {}, opts);
    const key = new tls.PrivateKey(
      `${name}-pair`,
      { algorithm: "ED25519" },
      { parent: this, protect: args.protect },
    );
    this.publicKey = key.publicKeyOpenssh.apply((text) => text.trim());
    this.privateKey = key.privateKeyOpenssh;
    this.hetznerId = new hcloud.SshKey(
      `${name}-hetzner`,
      { name: args.hetznerName, publicKey: this.publicKey },
      { parent: this },
    ).id;
    this.registerOutputs({ publicKey: this.publicKey });
  }
}
