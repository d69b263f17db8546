import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import { plainSecrets, type Secrecy } from "../../model/config/settings/secrets.ts";

const projectFile = z.looseObject({ stackConfigDir: z.string().optional() });

/**
 * How this stack keeps its values: as Pulumi tells, and as its file shows. Pulumi hands a structure over as a whole, which counts as
 * secret when one value in it is; which others are not only the file tells. A file elsewhere (`--config-file`) is not found.
 */
export function stackSecrecy(projectRoot: string): Secrecy {
  return {
    isSecret,
    plain: plainSecrets(readYaml(stackFile(projectRoot, pulumi.getStack()))),
  };
}

/** What `pulumi.Config` itself asks, and the type declarations leave out. */
function isSecret(key: string): boolean {
  const runtime: object = pulumi.runtime;
  if (!("isConfigSecret" in runtime) || typeof runtime.isConfigSecret !== "function")
    throw new Error(
      "this version of @pulumi/pulumi does not tell which keys are secret: pin the version of package.json",
    );
  const answer: unknown = runtime.isConfigSecret(key);
  return answer === true;
}

/** Where Pulumi keeps a stack's configuration unless it is told otherwise (Pulumi.yaml, `stackConfigDir`). */
function stackFile(projectRoot: string, stack: string): string {
  const project = projectFile.safeParse(readYaml(path.join(projectRoot, "Pulumi.yaml")));
  // A stack in Pulumi Cloud may be named by its organisation too.
  const name = stack.split("/").at(-1) ?? stack;
  return path.resolve(projectRoot, project.data?.stackConfigDir ?? "", `Pulumi.${name}.yaml`);
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch {
    // What cannot be read, Pulumi has not read either.
    return undefined;
  }
}
