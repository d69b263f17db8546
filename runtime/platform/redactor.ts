/** Shorter values would blot out ordinary words, and no secret of ours is that short. */
const shortestSecret = 6;

/** Replaces every known secret, whole or line by line, by `[secret]`. */
export type Redactor = (text: string) => string;

/**
 * Builds a redactor for the given secret values. Multi-line secrets (private keys) are also hidden line by line, because
 * output reaches us in lines.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split("\n").map((line) => line.trim())]);
  const known = [...new Set(parts)]
    .filter((part) => part.length >= shortestSecret && !/^-----(BEGIN|END) [A-Z ]+-----$/.test(part))
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((hidden, secret) => hidden.replaceAll(secret, "[secret]"), text);
}
