import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const everywhere = ["**/node_modules/**", ".cadenza/**"];

/** What the projects share: two workers, because the machine that runs the tests in CI has two cores. */
const shared = {
  environment: "node",
  pool: "forks",
  // Nothing that a test starts tells anybody outside.
  env: { APOLLO_TELEMETRY_DISABLED: "true" },
  testTimeout: 30_000,
  hookTimeout: 60_000,
} as const;

/** Node itself takes the CommonJS build; a second copy beside it would not know the first one's errors and types. */
const resolve = { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [...everywhere, "e2e/**"],
          globalSetup: ["packages/testkit/src/global-setup.ts"],
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: [...everywhere, "e2e/faults/**"],
          // Each scenario has its own stack of a dozen processes: one at a time.
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: "chaos",
          include: ["e2e/faults/**/*.test.ts"],
          exclude: everywhere,
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
