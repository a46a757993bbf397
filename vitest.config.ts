/** How the promises are checked: what needs the built page first, in two browsers; then all the rest, three files at a time; each test once. */
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/help/longest-first.ts';

const ALL = 'test/**/*.test.ts';
/** The files that put something in the place of a module, or ask what a module or the process keeps: each in a process of its own. */
const ALONE = [
  'disk-durable',
  'disk-full',
  'fuzz-protocols',
  'lean-shapes',
  'live-source',
  'mailbox-many',
  'page-player',
  'page-present-cue',
  'questions',
  'room-following',
  'room-octets',
  'smtp-header',
  'storage',
].map(name => `test/**/${name}.test.ts`);
const PAGE = 'test/page/**/*.test.ts';

/** The page's come first: a browser works on more than one core, and two of them leave nothing of two. */
const page = { maxWorkers: 2, sequence: { groupOrder: 0 } };
/** The others wait for sockets and disks half of their time. */
const world = { maxWorkers: 3, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    sequence: { sequencer: LongestFirst },
    // A test that asserts nothing fails: it could not have failed otherwise.
    expect: { requireAssertions: true },
    projects: [
      // A file has its modules to itself: what one puts in their place is not found by the next.
      { extends: true, test: { name: 'world', include: [ALL], exclude: [PAGE, ...ALONE], ...world } },
      { extends: true, test: { name: 'alone', include: ALONE, ...world } },
      {
        extends: true,
        test: {
          name: 'page',
          include: [PAGE],
          exclude: ALONE,
          isolate: false,
          ...page,
          globalSetup: 'test/help/global-setup.ts',
          // Two browsers on two cores: a condition is waited for as long as it takes, and no test says how fast.
          testTimeout: 120_000,
          expect: { requireAssertions: true, poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
