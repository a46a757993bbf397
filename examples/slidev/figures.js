/** Copies what the figures need into public/, so that the deck carries it and needs no network: “npm run build” in mailscope first. */
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const from = path => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
const to = path => fileURLToPath(new URL(`public/${path}`, import.meta.url));

await mkdir(to('.'), { recursive: true });
await copyFile(from('embed/mail-flow.js'), to('mail-flow.js'));
await copyFile(from('client/stories/youve-got-mail.told.json'), to('youve-got-mail.told.json'));
