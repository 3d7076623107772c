// The page in one file that opens from a disk: its style, its script and its worker's stand in it.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { html } from '../dist/report/html/html-page.js';
import { style } from '../dist/report/html/style.js';
import { version } from '../dist/version.js';
import { licencesOf } from './licences.mjs';

const root = new URL('../', import.meta.url);

async function bundle(path) {
  const built = await rolldown({ input: fileURLToPath(new URL(path, root)), platform: 'browser' });
  const { output } = await built.generate({
    format: 'iife',
    codeSplitting: false,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await built.close();
  const [{ code, moduleIds }, ...others] = output;
  if (others.length > 0) throw new Error(`${path} is more than one file`);
  // Inside strings and regular expressions, the only places where it can stand, this is the same.
  return { code: code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--'), modules: moduleIds };
}

const worker = await bundle('dist/web/worker.js');
const script = await bundle('dist/web/page.js');
const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
const styles = `${style}${readFileSync(new URL('src/web/page.css', root), 'utf8')}`;
const parts = {
  style: styles,
  styleHash: hashOf(styles),
  scriptHash: hashOf(script.code),
  version,
  licences: html(licencesOf([...worker.modules, ...script.modules])),
  worker: worker.code,
  script: script.code,
};
const template = readFileSync(new URL('src/web/page.html', root), 'utf8');
// A place among style or code is written so that the template is sound by itself.
const page = template.replaceAll(
  /(?:@import )?"\{\{(\w+)\}\}";|\{\{(\w+)\}\}/g,
  (_, code, text) => parts[code ?? text],
);
writeFileSync(new URL('dist/pptpscope.html', root), page);
