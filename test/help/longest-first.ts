/** In which order the files are run: the longest first, so that at the end no core waits for the other. */
import { basename } from 'node:path';
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Files that take long, the longest first; a fresh clone knows of no earlier run. */
const LONG = [
  'page-stories-text',
  'page-present',
  'page-show',
  'page-story-told',
  'page-look',
  'page-world',
  'page-story-session',
  'page-embed',
  'page-gallery',
  'page-export',
  'page-live',
  'page-faults',
  'page-embed-player',
  'page-embed-frame',
  'page-letters',
  'cli-mailscope',
  'told',
  'stories-built-in',
  'cli-story',
  'scenario-recovery',
  'queue-kill',
  'scenario-finding',
  'real-servers',
  'soak',
  'layout',
  'web-rates',
  'cli-film',
  'scenario-refused',
  'room-octets',
  'cli-built',
  'story-queue',
  'disk-start',
  'room-restart',
  'mail-client-compose',
];

const place = ({ moduleId }: TestSpecification): number => {
  const at = LONG.indexOf(basename(moduleId, '.test.ts'));
  return at < 0 ? LONG.length : at;
};

export class LongestFirst extends BaseSequencer {
  /** Files of one project stay together, for a worker serves one project at a time. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    const rank = (file: TestSpecification): number => projects.indexOf(file.project);
    return sorted.toSorted((one, other) => rank(one) - rank(other) || place(one) - place(other));
  }
}
