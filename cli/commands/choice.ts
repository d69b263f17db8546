import { InvalidArgumentError } from "commander";

/** Reads an option that is a whole number of at least 1. */
export function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}
