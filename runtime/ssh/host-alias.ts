/**
 * The name SSH sees instead of the address. Neither the form of an address (IPv6, port) nor a change of it then matters for
 * `known_hosts` or for URLs such as Nix's `ssh://`, and no host name can mean "localhost" to Nix.
 */
export function hostAlias(host: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host))
    throw new Error(`"${host}" is not a valid host name: letters, digits, ".", "_" and "-" only`);
  return `fleet-${host}`;
}
