import { defineConfig } from "vitest/config";

const minute = 60_000;

export default defineConfig({
  test: {
    // Machines, engines and builds share two cores on a small machine; more at once only makes each slower.
    maxWorkers: 2,
    minWorkers: 1,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: minute / 2,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
        },
      },
    ],
  },
});
