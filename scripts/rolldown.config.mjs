// The program in few files: loading each module by itself takes longer than reading a small capture.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

export default defineConfig({
  // The worker is found beside whatever starts it, in the bundle as in the library.
  input: {
    pptpscope: 'dist/cli/main.js',
    worker: 'dist/node/worker.js',
    'cap-process': 'dist/node/live/cap-process.js',
  },
  platform: 'node',
  external: Object.keys({ ...dependencies, ...optionalDependencies }),
  output: {
    dir: 'dist/bin',
    format: 'esm',
    cleanDir: true,
    // Without comments and blanks there is half as much to parse; names stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
