import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    // All cores: much of the time other programs run, which the results are compared with.
    maxWorkers: '100%',
  },
});
