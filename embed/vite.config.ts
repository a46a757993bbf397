/** How a figure is built: three scripts that a page of anybody's loads, light enough for an article. */
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig, type Plugin } from 'vite';

/** `teller`: what tells raw recordings, loaded by the first where it is needed; `all`: both in one file. */
const ENTRIES = ['mail-flow', 'teller', 'all'] as const;
type Entry = (typeof ENTRIES)[number];

/** From the folder of package.json. */
const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Only here: React and framer-motion would weigh more than all the rest of a figure, and zod as much as a fifth of what tells. */
const LEAN: Readonly<Record<string, string>> = {
  react: here('client/figure/lean/react.ts'),
  'react/jsx-runtime': here('client/figure/lean/react.ts'),
  'react-dom/client': here('client/figure/lean/react.ts'),
  'framer-motion': here('client/figure/lean/motion.ts'),
  'framer-motion/m': here('client/figure/lean/m.ts'),
  'zod/mini': here('client/figure/lean/zod.ts'),
};

const scriptOf = (entry: Entry): string => (entry === 'mail-flow' ? 'mail-flow.js' : `mail-flow-${entry}.js`);

/** A component asks for its sheet; a figure has it as text, in its own shadow (`?inline`), and not as a file beside it. */
const noSheets: Plugin = {
  name: 'mailscope-no-sheets',
  enforce: 'pre',
  resolveId: source => (source.endsWith('.css') ? '\0no-sheet' : null),
  load: id => (id === '\0no-sheet' ? '' : null),
};

/** The teller lies beside the element's script and is imported from there, in whatever way that one was loaded. */
const tellerBeside: Plugin = {
  name: 'mailscope-teller-beside',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './teller.ts' && importer === here('client/figure/mail-flow.ts')
      ? { id: `./${scriptOf('teller')}`, external: true }
      : null,
};

const configOf = (entry: Entry): InlineConfig => ({
  root: here('.'),
  configFile: false,
  publicDir: false,
  logLevel: 'error',
  plugins: [noSheets, tellerBeside],
  // The same script whoever builds it, a test too.
  oxc: { jsx: { runtime: 'automatic', importSource: 'react', development: false } },
  define: { 'process.env.NODE_ENV': '"production"' },
  resolve: {
    alias: Object.entries(LEAN).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement })),
  },
  build: {
    write: false,
    target: 'es2022',
    // These know light-dark() and nesting as they are written; for older ones the sheets would grow by a third.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    lib: {
      entry: here(`client/figure/${entry}.ts`),
      // Wrapped, a script is the same to `type="module"` and without; the teller is only ever imported.
      formats: [entry === 'teller' ? 'es' : 'iife'],
      name: 'mailFlow',
      fileName: () => scriptOf(entry),
    },
    rolldownOptions: {
      output: { minify: { compress: true, mangle: { toplevel: true }, codegen: { removeWhitespace: true } } },
    },
  },
});

/** The scripts by their names, built. */
export async function figureScripts(): Promise<ReadonlyMap<string, string>> {
  const built = await Promise.all(ENTRIES.map(entry => build(configOf(entry))));
  const files = built.flat().flatMap(result => ('output' in result ? result.output : []));
  return new Map(files.flatMap(file => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])));
}

/** Emits them under embed/ of the page, so that an article can load them from wherever the page is. */
export function figureSite(): Plugin {
  let scripts: ReturnType<typeof figureScripts> | null = null;
  return {
    name: 'mailscope-figure',
    apply: 'build',
    buildStart() {
      scripts = figureScripts();
    },
    async generateBundle() {
      for (const [name, source] of (await scripts) ?? [])
        this.emitFile({ type: 'asset', fileName: `embed/${name}`, source });
    },
  };
}
