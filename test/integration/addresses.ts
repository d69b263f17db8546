/** Machines of all test files share one network; files that run side by side must not meet in it. */

/** A third of 198.51.100.0/24 for each of the test runner's three workers, which run one file at a time. */
const perWorker = 80;

/**
 * A host number of this worker's own, for addresses such as `198.51.100.<number>` and `2001:db8:<group>:<number>::1`.
 * @param number 2 to 79, unique within the test file
 */
export function hostNumber(number: number): number {
  if (!Number.isInteger(number) || number < 2 || number >= perWorker)
    throw new Error(`${number} is not a host number: use 2 to ${perWorker - 1}`);
  const worker = Number(process.env["VITEST_POOL_ID"] ?? "1");
  if (worker > 3)
    throw new Error("more than three workers of the test runner: the test network has room for three");
  return (worker - 1) * perWorker + number;
}

/** IPv4 address of this worker's own in the test network. */
export function testAddress(number: number): string {
  return `198.51.100.${hostNumber(number)}`;
}
