/** Copies what the figures need into public/, so that the deck carries it and needs no network: “npm run build” in mailscope first. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = process.env.MAILSCOPE_PAGE ?? fileURLToPath(new URL('../../dist/client', import.meta.url));
const to = path => fileURLToPath(new URL(`public/${path}`, import.meta.url));

await mkdir(to('.'), { recursive: true });
await copyFile(join(page, 'embed/mail-flow.js'), to('mail-flow.js'));
await copyFile(join(page, 'stories/youve-got-mail.told.json'), to('youve-got-mail.told.json'));
