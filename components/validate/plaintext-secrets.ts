import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import { plainSecrets, type Secrecy } from "../../model/config/settings/secrets.ts";
import { isConfigSecret } from "../shared/pulumi-internals.ts";

const projectFile = z.looseObject({ stackConfigDir: z.string().optional() });

/**
 * How this stack keeps its values: as Pulumi reports, and as its file shows. Pulumi hands a structure over as a whole, which counts as
 * secret when one value in it is; which others are not, only the file shows. A file elsewhere (`--config-file`) is not found.
 */
export function stackSecrecy(projectRoot: string): Secrecy {
  return {
    isSecret: isConfigSecret,
    plain: plainSecrets(readYaml(stackFile(projectRoot, pulumi.getStack()))),
  };
}

/** Where Pulumi keeps a stack's configuration unless configured otherwise (Pulumi.yaml, `stackConfigDir`). */
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
