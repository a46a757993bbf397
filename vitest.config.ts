/** How the promises are checked: two workers, no test left waiting; what needs the built page says so by its name. */
import { defineConfig } from 'vitest/config';

const PAGE = 'test/page-*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default'],
    // A test that asserts nothing fails: it could not have failed otherwise.
    expect: { requireAssertions: true },
    projects: [
      { extends: true, test: { name: 'world', include: ['test/**/*.test.ts'], exclude: [PAGE] } },
      {
        extends: true,
        test: {
          name: 'page',
          include: [PAGE],
          globalSetup: 'test/global-setup.ts',
          // Two browsers on two cores: a condition is waited for as long as it takes, and no test says how fast.
          testTimeout: 120_000,
          expect: { requireAssertions: true, poll: { timeout: 20_000 } },
          // What lands is not turned away because a browser was starved once; the run says which test it tried again.
          retry: process.env.CI === undefined ? 0 : 1,
        },
      },
    ],
  },
});
