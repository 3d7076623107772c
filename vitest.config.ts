import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 180_000,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // One more than there are cores: some tests wait, for packets sent at their own pace and for other programs.
    maxWorkers: availableParallelism() + 1,
  },
});
