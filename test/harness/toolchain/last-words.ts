const errorLine = /^\s*(\S+: )?(E|error|fatal|panic)(\[\w+\])?:/i;
const shownOfError = 3;

/**
 * What a person is shown of a failed program's standard error: its last `count` lines, and, where those no longer hold it, the beginning of
 * the first error. A backtrace, or the list of what was not tried, comes after the line that says what is wrong.
 */
export function lastWords(stderr: string, count: number): string {
  const lines = stderr.trim().split("\n");
  const tail = Math.max(0, lines.length - count);
  const error = lines.findIndex((line) => errorLine.test(line));
  if (error === -1 || error >= tail) return lines.slice(tail).join("\n  ");
  const begun = Math.min(error + shownOfError, tail);
  return [...lines.slice(error, begun), ...(begun < tail ? ["…"] : []), ...lines.slice(tail)].join("\n  ");
}
