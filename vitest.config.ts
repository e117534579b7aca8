import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's ES modules and Apollo its CommonJS: two graphqls that refuse each other's schemas. Node takes
  // the CommonJS one for both.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['{adapters,bin,cli,core,demo,gateway,subgraphs,test,worker}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    env: { APOLLO_TELEMETRY_DISABLED: '1', TZ: 'UTC' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/kit/global-setup.ts'],
  },
});
