#!/usr/bin/env node
/** Starts mailscope: lets Node read TypeScript, then hands over to the command line. */
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../server/cli.ts');
process.exitCode = await main(process.argv.slice(2), process.env);
