/** How a figure is built: three files in dist/embed that a page of anybody's loads, light enough for an article. */
import { fileURLToPath } from 'node:url';
import type { InlineConfig, Plugin } from 'vite';

/** `teller`: what tells raw traces, loaded by the first when it is needed; `all`: both in one file. */
export const EMBED_FILES = ['mail-flow', 'teller', 'all'] as const;
export type EmbedFile = (typeof EMBED_FILES)[number];

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Only here: React and framer-motion would weigh more than all the rest. */
const LEAN: Readonly<Record<string, string>> = {
  react: here('client/embed/lean/react.ts'),
  'react/jsx-runtime': here('client/embed/lean/react.ts'),
  'react-dom/client': here('client/embed/lean/react.ts'),
  'framer-motion': here('client/embed/lean/motion.ts'),
  'framer-motion/m': here('client/embed/lean/m.ts'),
};

const fileOf = (file: EmbedFile): string => (file === 'mail-flow' ? 'mail-flow.js' : `mail-flow-${file}.js`);

/** A component asks for its sheet; a figure has it as text, in its own shadow (`?inline`), and not as a file beside it. */
const noSheets: Plugin = {
  name: 'mailscope-no-sheets',
  enforce: 'pre',
  resolveId: source => (source.endsWith('.css') ? '\0no-sheet' : null),
  load: id => (id === '\0no-sheet' ? '' : null),
};

/** The teller lies beside the element's file and is imported from there, in whatever way that one was loaded. */
const tellerBeside: Plugin = {
  name: 'mailscope-teller-beside',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './teller.ts' && importer === here('client/embed/mail-flow.ts')
      ? { id: `./${fileOf('teller')}`, external: true }
      : null,
};

/** Three builds fill `outDir`; whoever runs them empties it. */
export function embedConfig(file: EmbedFile, outDir: string): InlineConfig {
  return {
    root: here('.'),
    configFile: false,
    publicDir: false,
    plugins: [noSheets, tellerBeside],
    oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
    resolve: {
      alias: Object.entries(LEAN).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement })),
    },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      // These know light-dark(), which follows whatever scheme the host page has where the figure stands.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      // Wrapped, a file is the same to a module script and to a classic one; the teller is only ever imported.
      lib: {
        entry: here(`client/embed/${file}.ts`),
        formats: [file === 'teller' ? 'es' : 'iife'],
        name: 'mailFlow',
        fileName: () => fileOf(file),
      },
      rolldownOptions: {
        output: {
          minify: { compress: { maxIterations: 10 }, mangle: { toplevel: true }, codegen: { removeWhitespace: true } },
        },
      },
    },
  };
}
