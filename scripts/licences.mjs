// The licences of the packages whose code is in a bundle: they ask to stand beside every copy.
import { readdirSync, readFileSync } from 'node:fs';

/** `modules`: paths of all that is in it. */
export function licencesOf(modules) {
  const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(id) ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, license, author } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    // lz4js has no file of it.
    const text =
      file === undefined ? `${license}, ${author.name ?? author}` : readFileSync(folder + file, 'utf8').trim();
    return `${name}\n\n${text}\n`;
  });
  return texts.join('\n\n');
}
