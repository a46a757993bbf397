#!/usr/bin/env node
/** Starts mailscope: built from its TypeScript if that has changed, or read as it is where it cannot be built. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { ageOf, build } from '../server/base/built.js';

const server = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  config: 'server/vite.config.ts',
  folder: 'server',
  entry: 'cli.js',
  sources: ['server', 'shared', 'package-lock.json'],
};

// What is left of letters that have passed is collected soon, and not once it has doubled; and the young generation stays as small
// as it begins: 110 MB of memory, however many letters pass, where there were 200.
setFlagsFromString('--optimize-for-size');
setFlagsFromString('--semi-space-growth-factor=1');

async function load() {
  try {
    if ((await ageOf(server)) !== 'new') await build(server);
    return await import('../dist/server/cli.js');
  } catch {
    // A folder that cannot be written, say: a process that takes more memory is better than none.
    const { register } = await import('tsx/esm/api');
    register();
    return await import('../server/cli.ts');
  }
}

const { main } = await load();
process.exitCode = await main(process.argv.slice(2), process.env);
