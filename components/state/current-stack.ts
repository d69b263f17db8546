import * as pulumi from "@pulumi/pulumi";

/** The stack this program runs for, as the Pulumi CLI is asked for it. */
export function currentStack(projectRoot: string): { projectRoot: string; stack: string } {
  const organization = pulumi.getOrganization();
  // Backends without organizations call theirs so, and take a name alone.
  const name = pulumi.getStack();
  const stack = organization === "organization" ? name : `${organization}/${pulumi.getProject()}/${name}`;
  return { projectRoot, stack };
}
