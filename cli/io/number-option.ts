import { InvalidArgumentError } from "commander";

/** Reads options that are a whole number of at least `least`. @internal */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^(0|[1-9]\d{0,8})$/.test(text) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };
}

/** Reads an option that is a whole number of at least 1. */
export const positiveInteger = wholeNumber(1);
