import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** One Kafka for all files; two files side by side, for a file mostly waits for four processes. */
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      globalSetup: ['src/world/kafka-for-the-run.ts', 'src/world/printed-by-the-run.ts'],
      maxWorkers: 2,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }),
);
