/** `pptpscope handshakes FILE...`: the captured MS-CHAP exchanges, for an audit of passwords. */
import { Command, Option } from 'commander';
import type { readFiles } from '../node/index.ts';
import { frameList } from '../octets/words.ts';
import { type Handshake, handshakesOf } from '../report/handshakes.ts';
import { escaped } from '../report/json.ts';
import { redactSource } from '../report/redact.ts';
import { safe } from '../report/text.ts';
import { analysisOptions, type CaptureOptions, limitOption, portOption } from './capture-options.ts';
import { complainOfLimits, complainOfUnread } from './complaints.ts';
import { exitStatus, type Io, write } from './io.ts';

interface HandshakesOptions extends CaptureOptions {
  format: 'text' | 'json' | 'netntlm';
  showSecrets?: boolean;
  redact?: boolean;
}

const examples = `
Examples:
  pptpscope handshakes office.pcapng                          who authenticated with MS-CHAP, and how it went
  pptpscope handshakes --show-secrets office.pcapng           with each exchange as password-audit tools read it
  pptpscope handshakes --show-secrets --format netntlm a.pcap > audit.txt
                                                              those lines alone: hashcat -m 5500, john --format=netntlm

Audit passwords of your own users only, and keep what --show-secrets prints as you keep passwords.`;

/** `finished` gets the exit status. */
export function handshakesCommand(io: Io, analyze: typeof readFiles, finished: (status: number) => void): Command {
  return new Command('handshakes')
    .description('list the captured MS-CHAP exchanges')
    .argument('<FILE...>', 'captures; - is standard input')
    .addOption(
      new Option('--format <format>', 'how to write the list; netntlm needs --show-secrets')
        .choices(['text', 'json', 'netntlm'])
        .default('text'),
    )
    .addOption(portOption())
    .addOption(limitOption())
    .option('--show-secrets', 'print each exchange in the format of password-audit tools (NetNTLMv1)')
    .addOption(
      new Option('--redact', 'pseudonyms instead of user names, host names and addresses').conflicts('showSecrets'),
    )
    .addHelpText('after', examples)
    .action(async (paths: string[], options: HandshakesOptions, command: Command) => {
      if (options.format === 'netntlm' && options.showSecrets !== true) {
        command.error('error: --format netntlm prints secrets; add --show-secrets');
      }
      const report = await analyze(paths, {
        ...analysisOptions(options),
        keepSecrets: options.showSecrets === true,
      });
      const unread = await complainOfUnread(io, report);
      await complainOfLimits(io, report.limitsReached);
      const handshakes = handshakesOf(options.redact === true ? redactSource(report) : report);
      await write(io.stdout, render(handshakes, options));
      finished(unread ? exitStatus.unreadable : exitStatus.done);
    });
}

function render(handshakes: readonly Handshake[], { format, showSecrets }: HandshakesOptions): string {
  if (format === 'json') return `${escaped(JSON.stringify(handshakes, null, 2))}\n`;
  if (format === 'netntlm')
    return handshakes
      .flatMap(({ netNtlmV1 }) => netNtlmV1 ?? [])
      .map((line) => `${line}\n`)
      .join('');
  const lines = handshakes.flatMap((handshake) => [
    described(handshake),
    ...(handshake.netNtlmV1 ?? []).map((line) => `  ${line}`),
  ]);
  const warning = showSecrets === true ? ['! This list shows secrets: whoever has it can find the passwords.'] : [];
  const all = lines.length === 0 ? ['No MS-CHAP exchange in the captures.'] : lines;
  return [...warning, ...all].map((line) => `${safe(line)}\n`).join('');
}

function described(handshake: Handshake): string {
  const { call, protocol, user, authenticator, authenticatorName, complete, outcome, errorCode, frames } = handshake;
  const server = authenticatorName === null ? authenticator : `"${authenticatorName}" (${authenticator})`;
  const error = errorCode === null ? '' : `, error ${errorCode}`;
  return [
    `${call}  ${protocol}`,
    user === null ? 'no user' : `user "${user}"`,
    `asked by ${server}`,
    complete ? 'complete' : 'incomplete',
    `${outcome}${error}`,
    frameList(frames),
  ].join(', ');
}
