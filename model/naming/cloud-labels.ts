/** Key of the label at Hetzner that says which stack something belongs to. */
const stackKey = "fleet/stack";

/** Labels at Hetzner of all that belongs to a stack (`project/stack`); a label's value has no slash there. */
export function stackLabels(stack: string): { readonly [stackKey]: string } {
  return { [stackKey]: stack.replaceAll("/", ".") };
}

/** Name at a cloud of something that a stack (`project/stack`) has for all its hosts: names are unique in a project there. */
export function cloudName(stack: string, name: string): string {
  return `${stack.replaceAll("/", "-")}-${name}`;
}
