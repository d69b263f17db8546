import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import * as scaleway from "@pulumiverse/scaleway";
import { typeTokens } from "../../model/naming/resource-names.ts";

/** Arguments of `DeployKey`. */
export interface DeployKeyArgs {
  /**
   * Name under which the key is registered with Hetzner Cloud, where names and keys are unique in a project; null: no host needs
   * it there.
   */
  readonly hetznerName: string | null;
  /** Name of the key in the Scaleway project, which gives it to every new instance there; null: no host needs it there. */
  readonly scalewayName: string | null;
  readonly protect: boolean;
}

/** The key pair that all of a stack's operators log in with: it lives in the stack's state, encrypted. */
export class DeployKey extends pulumi.ComponentResource {
  readonly publicKey: pulumi.Output<string>;
  /** Secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Id of the key at Hetzner Cloud, for servers to be created with it; null: it is not registered there. */
  readonly hetznerId: pulumi.Output<string> | null;
  /** The key at Scaleway, which has to be there before an instance boots; null: it is not registered there. */
  readonly atScaleway: pulumi.Resource | null;

  constructor(name: string, args: DeployKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super(typeTokens.deployKey, name, {}, opts);
    const key = new tls.PrivateKey(
      `${name}-pair`,
      { algorithm: "ED25519" },
      { parent: this, protect: args.protect },
    );
    this.publicKey = key.publicKeyOpenssh.apply((text) => text.trim());
    this.privateKey = key.privateKeyOpenssh;
    this.hetznerId = args.hetznerName === null ? null : this.#atHetzner(name, args.hetznerName);
    this.atScaleway =
      args.scalewayName === null
        ? null
        : new scaleway.iam.SshKey(
            `${name}-scaleway`,
            { name: args.scalewayName, publicKey: this.publicKey },
            { parent: this },
          );
    this.registerOutputs({ publicKey: this.publicKey });
  }

  #atHetzner(name: string, hetznerName: string): pulumi.Output<string> {
    const args = { name: hetznerName, publicKey: this.publicKey };
    return new hcloud.SshKey(`${name}-hetzner`, args, { parent: this }).id;
  }
}
