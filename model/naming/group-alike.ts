/** Fewest hosts of which what is alike is reported once: fewer are easier to read one by one. */
const fewest = 4;

/**
 * Groups what there is to report about hosts: what many of them have in common is one group, where the first of them is; everything else is
 * a group of its own.
 */
export function groupAlike<T extends { readonly host: string }>(
  messages: readonly T[],
  textOf: (message: T) => string,
): T[][] {
  const groups = new Map<string, T[]>();
  for (const message of messages) {
    const group = groups.get(textOf(message));
    if (group === undefined) groups.set(textOf(message), [message]);
    else group.push(message);
  }
  return messages.flatMap((message) => {
    const group = groups.get(textOf(message)) ?? [];
    if (new Set(group.map(({ host }) => host)).size < fewest) return [[message]];
    return group[0] === message ? [group] : [];
  });
}
