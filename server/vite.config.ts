/** How the server is built: one file of JavaScript, so that a process holds no compiler and reads nothing later that a newer build has replaced. */
import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    ssr: 'server/cli.ts',
    outDir: 'dist/server',
    target: 'node20',
    minify: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
