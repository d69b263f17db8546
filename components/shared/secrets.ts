import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const values = z.record(z.string(), z.string());

/** The stack's secrets by name, `fleet:secrets`. `parseConfiguration` has checked that all of them are encrypted. */
export class Secrets {
  readonly #values = new pulumi.Config("fleet").getSecretObject<unknown>("secrets") ?? pulumi.secret({});

  /**
   * Value of one secret; marked as secret, so that it can enter nothing but what is encrypted.
   * @throws Error in the Output for a name that the configuration should have been refused for
   */
  value(name: string): pulumi.Output<string> {
    return this.#values.apply((all) => {
      const found = new Map(Object.entries(values.parse(all))).get(name);
      if (found === undefined) throw new Error(`there is no secret "${name}" in fleet:secrets`);
      return found;
    });
  }

  /** Values of several settings, each of which names a secret: setting → value. */
  valuesOf(settings: Readonly<Record<string, string>>): pulumi.Output<Record<string, string>> {
    return pulumi.secret(
      Object.fromEntries(Object.entries(settings).map(([setting, name]) => [setting, this.value(name)])),
    );
  }
}
