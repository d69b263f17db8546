import { defineConfig } from "vitest/config";

const minute = 60_000;

export default defineConfig({
  test: {
    // On two cores: much of a test is waiting for a machine, an engine or a deadline; more at once only makes each slower.
    maxWorkers: 3,
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
          // Unattended, on a machine that others slow down. The run names each test that needed it: those have a race to be found.
          retry: (process.env["CI"] ?? "") === "" ? 0 : 1,
        },
      },
    ],
  },
});
