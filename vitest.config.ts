import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's ES modules and Apollo its CommonJS: two graphqls that refuse each other's schemas. Node takes
  // the CommonJS one for both.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    exclude: ['**/node_modules/**', 'dist/**'],
    env: { APOLLO_TELEMETRY_DISABLED: '1', TZ: 'UTC' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['{adapters,bin,cli,core,demo,gateway,subgraphs,test,worker}/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', 'test/scenarios/**', 'test/chaos/**'],
          maxWorkers: 2,
          globalSetup: ['test/kit/global-setup.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They share one installation and look at the clock: one after another, when nothing else runs.
        extends: true,
        test: {
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          maxWorkers: 1,
          globalSetup: ['test/scenarios/setup.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // It kills what it has started, and mostly waits: by itself, so that it waits for nothing else.
        extends: true,
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
