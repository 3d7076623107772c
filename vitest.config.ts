import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 180_000,
    // Files share what they import: loading it anew for each of them takes longer than most of them run.
    isolate: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // One more than there are cores: some tests wait, for packets sent at their own pace and for other programs.
    maxWorkers: availableParallelism() + 1,
  },
});
