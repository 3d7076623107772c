// The program in few files: loading each module by itself takes longer than reading a small capture.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { licencesOf } from './licences.mjs';

const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
/** Of the dependencies the only one that every start loads. */
const { 'fast-string-width': _, ...loadedByNeed } = dependencies;

const entry = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** What every start loads is one file: a further one takes half a millisecond. The entry is none of it, since workers load it too. */
const start = {
  debugName: 'start',
  name: (module, modules) => {
    const loaded = new Set([entry]);
    for (const id of loaded) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) loaded.add(imported);
    return module !== entry && loaded.has(module) ? 'start' : null;
  },
};

const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const source = licencesOf(Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds));
    this.emitFile({ type: 'asset', fileName: 'licenses.txt', source });
  },
};

export default defineConfig({
  // The worker is found beside whatever starts it, in the bundle as in the library.
  input: {
    pptpscope: entry,
    worker: 'dist/node/worker.js',
    'cap-process': 'dist/node/live/cap-process.js',
  },
  platform: 'node',
  external: Object.keys({ ...loadedByNeed, ...optionalDependencies }),
  plugins: [licences],
  output: {
    dir: 'dist/bin',
    format: 'esm',
    cleanDir: true,
    codeSplitting: { groups: [start] },
    // Without comments and blanks there is half as much to parse; names stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
