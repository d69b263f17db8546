import { type ConfigError, ConfigurationError } from "../../../../model/errors/config-error.ts";

/** Errors that reading a configuration comes upon; none where it is right. Any other error is thrown on. */
export function errorsIn(read: () => unknown): readonly ConfigError[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.errors;
    throw error;
  }
  return [];
}

/** As `errorsIn`, each as people are told it: `path: reason`. */
export function toldIn(read: () => unknown): string[] {
  return errorsIn(read).map(({ path, reason }) => `${path}: ${reason}`);
}

/** As `errorsIn`, reasons by path. */
export function reasonsIn(read: () => unknown): Record<string, string> {
  return Object.fromEntries(errorsIn(read).map(({ path, reason }) => [path, reason]));
}
