/** How the pages are built: mailscope itself, the one of a figure in a frame, the one that makes films for the command line, and the one that an HTML letter is shown in, in dist/client, with nothing inlined that the content security policy would refuse. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { figureSite } from './embed/vite.config.ts';
import { storySite } from './server/stories/pages/site.ts';

export default defineConfig({
  plugins: [react(), storySite(), figureSite()],
  build: {
    outDir: 'dist/client',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    rolldownOptions: { input: ['index.html', 'embed.html', 'film.html', 'letter-frame.html'] },
  },
});
