/** `pptpscope explain [TOPIC]`: what a number or a name in a report means, which packets show it, what to check. */
import { Command } from 'commander';
import { type Topic, topics, topicsOf } from '../findings/knowledge/topics.ts';
import { span } from '../report/text/span.ts';
import { TextPage } from '../report/text/text-page.ts';
import { plainPalette, safe } from '../report/text.ts';
import { exitStatus, type Io, widthOf, write } from './io.ts';

/** More topics than this are listed, not explained. */
const explainedAtMost = 8;

const headings: readonly [kind: Topic['kind'], heading: string][] = [
  ['cause', 'Causes that a diagnosis can name'],
  ['stage', 'Stages of a call, in order'],
  ['windows error', 'Numbers that Windows shows'],
  ['result code', 'Result and error codes of PPTP'],
  ['finding', 'Findings of the security audit'],
  ['harmless', 'What looks like a fault and is none'],
];

/** `finished` gets the exit status. */
export function explainCommand(io: Io, finished: (status: number) => void): Command {
  return new Command('explain')
    .description('explain a Windows error number, cause, finding, result code or stage')
    .argument('[TOPIC...]', 'what to explain; all topics are listed when absent')
    .action(async (words: string[]) => {
      const page = new TextPage(Math.max(40, widthOf(io.stdout)), plainPalette);
      const asked = words.join(' ');
      const found = asked === '' ? topics : topicsOf(asked);
      if (found.length === 0) {
        await write(
          io.stderr,
          `pptpscope: nothing is known of "${safe(asked)}"; "pptpscope explain" lists the topics\n`,
        );
        finished(exitStatus.unreadable);
        return;
      }
      if (found.length > explainedAtMost) list(page, found);
      else for (const topic of found) explain(page, topic);
      await write(io.stdout, page.take());
      finished(exitStatus.done);
    });
}

function list(page: TextPage, found: readonly Topic[]): void {
  for (const [kind, heading] of headings) {
    const group = found.filter((topic) => topic.kind === kind);
    if (group.length === 0) continue;
    page.blank();
    page.paragraph([span(heading)]);
    const width = kind === 'harmless' ? 0 : Math.max(...group.map(({ id }) => id.length)) + 1;
    for (const { id, title } of group) {
      if (kind === 'harmless') page.paragraph([span(title)], 2);
      else page.entry([span(id)], width, [span(title)], '', 0);
    }
  }
}

function explain(page: TextPage, { kind, id, title, parts }: Topic): void {
  page.blank();
  page.paragraph([span(kind === 'harmless' ? title : `${id}   ${title}`)], 0, 2);
  for (const { label, text } of parts) page.entry([span(label)], 13, [span(text)], '', 0);
}
