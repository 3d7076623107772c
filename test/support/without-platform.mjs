// Runs the library where nothing of Node exists: a bare context with the language's own objects, as a browser has them.
// node --experimental-vm-modules without-platform.mjs CAPTURE: prints the JSON report.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

const context = vm.createContext({});
const modules = new Map();

function load(url) {
  let module = modules.get(url);
  if (module === undefined) {
    module = new vm.SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), { context, identifier: url });
    modules.set(url, module);
  }
  return module;
}

function resolve(specifier, from) {
  if (specifier.startsWith('.')) return new URL(specifier, from).href;
  if (specifier.startsWith('node:')) throw new Error(`${from} needs ${specifier}`);
  return pathToFileURL(createRequire(from).resolve(specifier)).href;
}

const library = load(new URL('../../dist/index.js', import.meta.url).href);
await library.link((specifier, referencing) => load(resolve(specifier, referencing.identifier)));
await library.evaluate();
const { analyze, jsonReport } = library.namespace;
// Octets of the context's own kind: the library must not depend on where they come from.
const octets = vm.runInContext('(values) => Uint8Array.from(values)', context)(readFileSync(process.argv[2]));
for (const piece of jsonReport(await analyze(octets, { path: 'capture' }))) process.stdout.write(piece);
