/** How the page is built: one bundle in dist/client, with nothing inlined that the content security policy would refuse. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { storySite } from './server/stories/site.ts';
import { figureSite } from './vite.embed.config.ts';

export default defineConfig({
  plugins: [react(), storySite(), figureSite()],
  build: {
    outDir: 'dist/client',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
  },
});
