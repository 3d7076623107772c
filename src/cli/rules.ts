/** `pptpscope rules`: what the audit looks for. */
import { Command, Option } from 'commander';
import { severities } from '../findings/rules/rule.ts';
import { rules } from '../findings/rules/table.ts';
import { span } from '../report/text/span.ts';
import { TextPage } from '../report/text/text-page.ts';
import { plainPalette } from '../report/text.ts';
import { exitStatus, type Io, widthOf, write } from './io.ts';

interface RulesOptions {
  format: 'text' | 'json';
  verbose?: boolean;
}

const idWidth = Math.max(...rules.map(({ id }) => id.length)) + 1;

/** `finished` gets the exit status. */
export function rulesCommand(io: Io, finished: (status: number) => void): Command {
  return new Command('rules')
    .description('list the rules of the security audit')
    .addOption(new Option('--format <format>', 'how to write the list').choices(['text', 'json']).default('text'))
    .option('--verbose', 'what each rule finds, why it matters and what to do')
    .action(async (options: RulesOptions) => {
      await write(io.stdout, options.format === 'json' ? rulesJson() : rulesText(io, options.verbose === true));
      finished(exitStatus.done);
    });
}

/** Everything but the code. */
function rulesJson(): string {
  const list = rules.map(({ id, title, severity, scope, what, why, advice, evidence, references }) => {
    return { id, title, severity, scope, what, why, advice, evidence, references };
  });
  return `${JSON.stringify(list, null, 2)}\n`;
}

function rulesText({ stdout }: Io, verbose: boolean): string {
  const page = new TextPage(Math.max(40, widthOf(stdout)), plainPalette);
  for (const severity of severities) {
    const group = rules.filter((rule) => rule.severity === severity);
    if (group.length === 0) continue;
    page.blank();
    page.paragraph([span(severity)]);
    for (const { id, title, what, why, advice, evidence, references } of group) {
      page.entry([span(id)], idWidth, [span(title)], '', 0);
      if (!verbose) continue;
      page.paragraph([span(`${what} ${why}`)], 4);
      page.paragraph([span(`→ ${advice}`)], 4);
      page.paragraph([span(`Fires on: ${evidence}`)], 4);
      page.paragraph([span(references.join('; '))], 4);
      page.blank();
    }
  }
  return page.take();
}
