import { type ConfigError, ConfigurationError } from "../../../../model/errors/config-error.ts";

/** Faults that reading a configuration comes upon; none where it is right. Any other error is thrown on. */
export function faultsIn(read: () => unknown): readonly ConfigError[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.errors;
    throw error;
  }
  return [];
}

/** As `faultsIn`, each as people are told it: `path: reason`. */
export function toldIn(read: () => unknown): string[] {
  return faultsIn(read).map(({ path, reason }) => `${path}: ${reason}`);
}

/** As `faultsIn`, reasons by path. */
export function reasonsIn(read: () => unknown): Record<string, string> {
  return Object.fromEntries(faultsIn(read).map(({ path, reason }) => [path, reason]));
}
