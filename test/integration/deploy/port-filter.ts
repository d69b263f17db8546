/** What a system does to sshd's ports, the firewall and the address, as units of one name each: whatever system comes next undoes it by being itself. */

/** sshd on these ports. Sessions that there are live on. */
export function listening(...ports: readonly number[]): object {
  return {
    services: { openssh: { ports } },
    ...unit("listener", `/bin/sh /etc/listener ${ports.join(" ")}`, "pkill -TERM -o -x sshd; true\n"),
  };
}

/**
 * A firewall that lets new TCP connections in on these ports alone. Connections that there are live on: their packets are known by
 * their socket, before any rule is asked.
 */
export function firewall(...allowed: readonly number[]): object {
  return unit("firewall", `/bin/sh /etc/firewall ${allowed.join(" ")}`, firewallScript);
}

const firewallScript = `while ip rule del pref 1 2>/dev/null; do :; done
while ip rule del pref 2 2>/dev/null; do :; done
ip rule show pref 3 | grep -q local || ip rule add pref 3 lookup local
for port in "$@"; do ip rule add pref 1 ipproto 6 dport "$port" lookup local; done
# Answers to connections from here come to ports beyond.
ip rule add pref 2 iif eth0 ipproto 6 dport 1-32767 blackhole
if ip rule show | grep -q '^0:'; then ip rule del pref 0; fi
`;

/** The machine's address in the test network. */
export function living(address: string): object {
  return unit("address", `/bin/sh /etc/address ${address}`, addressScript);
}

const addressScript = `echo 1 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries
ip addr add "$1/24" dev eth0 2>/dev/null
ip -o -4 addr show dev eth0 | while read -r _ _ _ old _; do
  if [ "$old" != "$1/24" ]; then ip addr del "$old" dev eth0; fi
done
ip addr show dev eth0 | grep -qF "$1/24"
`;

function unit(name: string, command: string, text: string) {
  return {
    environment: { etc: { [name]: { text } } },
    systemd: { services: { [name]: { serviceConfig: { ExecStart: command } } } },
  };
}

/** Several settings as one. */
export function mergeSettings(...settings: readonly object[]): object {
  return settings.reduce(merge, {});
}

function merge(one: object, other: object): object {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
