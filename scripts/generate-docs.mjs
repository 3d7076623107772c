// Writes what is derived from the sources: the three schemas and their pages from the contracts' types (report, packets,
// events), docs/cli.md from the command line itself, docs/findings.md, docs/diagnoses.md and docs/limits.md from their tables,
// and the examples of the README and docs/decrypt.md from runs. `--to FOLDER` writes elsewhere, which is how a test finds them stale.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGenerator } from 'ts-json-schema-generator';
import { examples } from '../dist/cli/analyze.js';
import { createProgram } from '../dist/cli/program.js';
import { topics } from '../dist/findings/knowledge/topics.js';
import { severities } from '../dist/findings/rules/rule.js';
import { rules } from '../dist/findings/rules/table.js';
import { boundTable } from '../dist/octets/bounds.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { to: { type: 'string', default: root } } });

const schema = schemaOf('src/report/contract.ts', 'Report', {
  title: 'pptpscope report, version 1',
  description: 'What `pptpscope --format json` prints. Exactly the keys of the release that ships this schema.',
});
const packetSchema = schemaOf('src/report/packet-contract.ts', 'PacketLine', {
  title: 'pptpscope packet, version 1',
  description: 'A line of `pptpscope packets --format json`. Exactly the keys of the release that ships this schema.',
});
const eventSchema = schemaOf('src/report/event-contract.ts', 'EventLine', {
  title: 'pptpscope event, version 1',
  description: 'A line of `pptpscope live --format jsonl`. Exactly the keys of the release that ships this schema.',
});
await write('report.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
await write('docs/report.md', reportPage(schema));
await write('packets.schema.json', `${JSON.stringify(packetSchema, null, 2)}\n`);
await write('docs/packets.md', packetsPage(packetSchema));
await write('events.schema.json', `${JSON.stringify(eventSchema, null, 2)}\n`);
await write('docs/events.md', eventsPage(eventSchema, schema));
await write('docs/cli.md', await commandLinePage());
await write('docs/findings.md', findingsPage());
await write('docs/diagnoses.md', diagnosesPage());
await write('docs/limits.md', limitsPage());
await write('README.md', await withExample('README.md', /npm start -- (\S+)/, (capture) => ['--no-color', capture]));
await write(
  'docs/decrypt.md',
  await withExample('docs/decrypt.md', /pptpscope decrypt (captures\S+)/, (capture) => [
    'decrypt',
    capture,
    '-w',
    '/dev/null',
    '--force',
    '--password',
    'Sw0rdfish!',
  ]),
);

async function write(path, text) {
  const target = join(values.to, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
}

/** A page with its example's output as the command above it prints it. */
async function withExample(path, named, words) {
  const page = await readFile(join(root, path), 'utf8');
  const [, capture] = named.exec(page) ?? [];
  const program = join(root, 'dist/bin/pptpscope.js');
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const output = execFileSync(process.execPath, [program, ...words(capture)], options);
  const example = /(<!-- example[^\n]*\n```\n)[\s\S]*?(```\n)/;
  if (!example.test(page)) throw new Error(`${path} has no place for the example`);
  return page.replace(example, (_match, start, end) => `${start}${output}${end}`);
}

function schemaOf(path, type, words) {
  const { $schema, $ref, definitions } = createGenerator({
    path: join(root, path),
    tsconfig: join(root, 'scripts/tsconfig.schema.json'),
    type,
    expose: 'export',
    jsDoc: 'extended',
    sortProps: false,
    additionalProperties: false,
  }).createSchema(type);
  return { $schema, ...words, $ref, definitions };
}

/** Types that `elsewhere` has are linked to on the report's page. */
function typeSections(definitions, elsewhere = {}) {
  return Object.entries(definitions).map(([name, definition]) => {
    const lines = [`## ${name}`, ''];
    if (definition.description) lines.push(sentence(definition.description), '');
    if (definition.type !== 'object') return [...lines, `One of ${typeText(definition, elsewhere)}.`, ''].join('\n');
    lines.push('| key | type | meaning |', '| --- | --- | --- |');
    for (const [key, property] of Object.entries(definition.properties)) {
      const optional = definition.required?.includes(key) ? '' : ' (may be absent)';
      const meaning = cell(sentence(property.description ?? ''));
      lines.push(`| \`${key}\`${optional} | ${cell(typeText(property, elsewhere))} | ${meaning} |`);
    }
    return [...lines, ''].join('\n');
  });
}

function packetsPage({ definitions }) {
  return `${[
    '# The packet view',
    '',
    'Generated by `npm run docs` from `src/report/packet-contract.ts`; do not edit.',
    '',
    '`pptpscope packets FILE...` prints one line for each packet of the tunnels: frame, time, tunnel or call, the client left',
    'and the server right of an arrow that says who sent it, and what it is. `--details` adds the field tree of every layer,',
    '`--hex` the octets. Selections (`--frames`, `--tunnel`, `--call`, `--protocol`, `--from`, `--between`, `--grep`, `--count`)',
    'must hold together; `-w FILE` writes what they select as pcapng, with `--annotate` explained by packet comments.',
    '',
    '- Every octet of a frame lies in exactly one field, `padding` or an `undecoded` rest. A message over several segments and',
    '  a datagram in several fragments stand under `reassemblies` of the packet that completed them, with their frames; each',
    '  frame that carried a part says so.',
    '- In text, fields that must be zero and are have no line of their own. In JSON they are there.',
    '- Passwords, challenges and responses are covered, in trees and dumps, unless `--show-secrets` is given, and so is what may',
    '  hold some: rests of packets of authentication, all of one in which a length is wrong, and single fragments of GRE and of',
    '  PPP Multilink; what they make together is shown. Summaries never hold',
    '  secrets. A capture written with `-w` holds all octets as they were.',
    '- Where standard output is no terminal, each packet is one line of text, however long; with `--details` or `--hex` lines',
    '  keep to 100 columns.',
    '- Files that one capture was written to (`tcpdump -C`, `dumpcap -b`) are read as one: frames are numbered on.',
    '- A capture is read twice, first for its tunnels. Standard input and pipes are kept in a temporary file for that, which',
    '  only their owner can read and which goes away in the end.',
    '- Times finer than nanoseconds lose that part with `-w`. Packets without a time stay without one where pcapng can say so:',
    '  of the first interface, whole, and without a comment; else they get the time of the packet before and a comment.',
    '',
    'Where tshark shows something else, [tshark-differences.md](tshark-differences.md) says why.',
    '',
    '## JSON lines, version 1',
    '',
    '`--format json` prints one JSON object a line, a `PacketLine`; `packets.schema.json`, part of the package, says the same',
    'to a validator. Within version 1 keys are added, never renamed or dropped; the schema is exact for its own release.',
    '',
    ...typeSections(definitions),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

/** The events; what the report's page describes is not repeated. */
function eventsPage({ definitions }, report) {
  const own = Object.entries(definitions).filter(([name]) => report.definitions[name] === undefined);
  return `${[
    '# The events of live, version 1',
    '',
    'Generated by `npm run docs` from `src/report/event-contract.ts` and the types it is made of; do not edit.',
    '',
    '`pptpscope live --format jsonl` prints one JSON object a line, an `EventLine`, told apart by `kind`; [live.md](live.md) says',
    'when which comes. `events.schema.json`, part of the package, says the same to a validator. Types that are not here are',
    'those of [the report](report.md).',
    '',
    ...typeSections(Object.fromEntries(own), report.definitions),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function reportPage({ definitions }) {
  const sections = typeSections(definitions);
  return `${[
    '# The JSON report, version 1',
    '',
    'Generated by `npm run docs` from `src/report/contract.ts` and the types it is made of; do not edit.',
    '',
    '`pptpscope --format json FILE...` prints one JSON document, a `Report`. `report.schema.json`, part of the package,',
    'says the same to a validator, and `Report` of the library is the same type. Within version 1 keys are added, never',
    'renamed or dropped, so read with tolerance for keys that you do not know; the schema is exact for its own release.',
    '',
    '- Times are UTC strings with all digits that the capture holds. Durations are numbers with their unit in the key.',
    '- `null` is "not known". A key that cannot apply is absent.',
    '- Frame numbers count from 1 in the order of the file, as Wireshark counts. Files that one capture was written to have the',
    '  same `sequence`, and frames are numbered on from file to file, as in the file that `mergecap -a` makes of them: the last',
    '  of them whose `firstFrame` is not above a frame holds it.',
    '- The client is the side that asked for the call (PNS), the server the one that answers it (PAC).',
    '- A tunnel is one control connection or, without one, one pair of addresses with enhanced GRE. GRE is IP protocol',
    '  47; ESP, protocol 50, is another VPN and counted under `otherVpn`.',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function typeText(property, elsewhere) {
  const text = (inner) => typeText(inner, elsewhere);
  if (property.$ref) {
    const name = property.$ref.split('/').at(-1);
    return `[${name}](${elsewhere[name] === undefined ? '' : 'report.md'}#${name.toLowerCase()})`;
  }
  if (property.anyOf) return property.anyOf.map(text).join(' or ');
  if (property.enum) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.const !== undefined) return `\`${property.const}\``;
  if (property.type === 'array') return `list of ${text(property.items)}`;
  if (property.type === 'object') {
    const keys = Object.entries(property.properties).map(([key, value]) => `\`${key}\`: ${text(value)}`);
    return `{ ${keys.join('; ')} }`;
  }
  return [property.type].flat().join(' or ');
}

function sentence(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

async function commandLinePage() {
  const nowhere = { write: () => true };
  const io = { stdout: nowhere, stderr: nowhere, environment: {}, now: () => 0 };
  const program = await createProgram(
    io,
    () => Promise.reject(new Error('not called')),
    () => {},
  );
  const commands = program.commands.map((command) => {
    const help = command.createHelp();
    return [
      `## ${help.commandUsage(command)}`,
      '',
      `${capitalised(command.description())}.`,
      '',
      ...command.registeredArguments.map((argument) => `- \`${argument.name()}\`: ${argument.description}`),
      '',
      '| option | meaning |',
      '| --- | --- |',
      ...help
        .visibleOptions(command)
        .map((option) => `| \`${option.flags}\` | ${cell(help.optionDescription(option))} |`),
      '',
    ].join('\n');
  });
  return [
    '# The command line',
    '',
    'Generated by `npm run docs` from the program itself; do not edit.',
    '',
    program.description(),
    '`pptpscope FILE...` is the same as `pptpscope analyze FILE...`.',
    '',
    ...commands,
    '```',
    examples.trim(),
    '```',
    '',
    'Of more than three tunnels, or calls, the text report says behind the last one what became of all: how many came up, and',
    'which of the others share a cause.',
    '',
    'Colours are used where standard output is a terminal. `NO_COLOR` and `--no-color` turn them off, `FORCE_COLOR` turns',
    'them on. No line is wider than the terminal, or than 100 columns where there is none. Long reads show their progress',
    'on standard error where that is a terminal.',
    '',
  ].join('\n');
}

function diagnosesPage() {
  const kinds = [
    ['cause', 'Causes'],
    ['harmless', 'What looks like a fault and is none'],
    ['stage', 'Stages'],
    ['windows error', 'Numbers that Windows shows'],
    ['result code', 'Result and error codes of PPTP'],
  ];
  const sections = kinds.flatMap(([kind, heading]) => [
    `## ${heading}`,
    '',
    ...topics
      .filter((topic) => topic.kind === kind)
      .flatMap(({ id, title, parts }) => [
        `### ${kind === 'harmless' ? title : `${id}: ${title}`}`,
        '',
        ...parts.map(({ label, text }) => `- ${label}: ${text}`),
        '',
      ]),
  ]);
  return [
    '# Diagnoses',
    '',
    'Generated by `npm run docs` from the tables that the report and `pptpscope explain` are made of',
    '(`src/findings/knowledge/`); do not edit.',
    '',
    'A tunnel or call that did not work, or worked badly, gets the cause with the frames that prove it, how sure it is, what',
    'would refute it, what to do, and the numbers that a Windows user saw. `certain`: the packets say so. `likely`: nothing',
    'else that is known fits them. `possible`: they allow it, beside another cause that comes first. One failure has one',
    'cause: what follows from it is not reported. A tunnel without fault gets none.',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function findingsPage() {
  const sections = severities.flatMap((severity) =>
    rules
      .filter((rule) => rule.severity === severity)
      .map(({ id, title, what, why, advice, evidence, references }) =>
        [
          `## ${id}`,
          '',
          `**${title}**, ${severity}.`,
          '',
          `${what} ${why}`,
          '',
          `- Fires on: ${evidence}`,
          `- What to do: ${advice}`,
          `- References: ${references.join('; ')}`,
          '',
        ].join('\n'),
      ),
  );
  return [
    '# What the audit finds',
    '',
    'Generated by `npm run docs` from the rules themselves (`src/findings/rules/`); do not edit.',
    '',
    'Every report carries findings. Each names its rule, its severity, the tunnel and call, the frames that show it, and',
    'whether the weakness was only offered, was negotiated, or was used by traffic. A finding of what was merely offered may',
    'be less severe than its rule, and so may one whose rule says when. `pptpscope rules` prints this list, `--ignore RULE`',
    'and `.pptpscope.json` leave a rule out,',
    '`--fail-on SEVERITY` turns findings into exit status 1, and `--format sarif` hands them to other programs.',
    '',
    'The configuration file is JSON with any of these keys; faults in it are reported, and end with exit status 2:',
    '',
    '```json',
    '{ "ignore": ["pptp-in-use"], "failOn": "high", "redact": false, "ports": [1723] }',
    '```',
    '',
    '| severity | rules |',
    '| --- | --- |',
    ...severities.map((severity) => {
      const ids = rules.filter((rule) => rule.severity === severity).map(({ id }) => `[${id}](#${id})`);
      return `| ${severity} | ${ids.join(', ')} |`;
    }),
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function limitsPage() {
  const number = (value) => value.toLocaleString('en');
  return [
    '# Limits',
    '',
    'Generated by `npm run docs` from `src/octets/bounds.ts`; do not edit.',
    '',
    'Memory and time are bounded by these numbers, whatever a capture holds or claims. Where one is reached the report says',
    'so, under `limitsReached` and at the end of text and Markdown. With CSV and SARIF, and by `packets`, `ladder` and',
    '`handshakes`, it is said on standard error.',
    '',
    'Every command that reads captures takes `--limit NAME=NUMBER`, as often as needed; the library takes',
    '`limits: { tunnels: 1000 }` among `AnalysisOptions`. `live` keeps 1,000 `ended-tunnels` where nothing else is said.',
    '',
    '| limit | default | may be | what it bounds |',
    '| --- | --- | --- | --- |',
    ...Object.entries(boundTable).map(([name, { default: value, unit, range, meaning }]) => {
      return `| \`${name}\` | ${number(value)} ${unit} | ${number(range[0])} to ${number(range[1])} | ${cell(meaning)}. |`;
    }),
    '',
    'Not in the table: what a format bounds by itself (a control message has 16 bits of length), tables of fixed size',
    '(duplicates of the last 0.1 s, the newest 1,024 sequence numbers of a direction), and how much of a list a text report',
    'shows before it says "and 7 more". Decompression keeps one window: 32 KiB of gzip, 128 MiB of zstd, 4 MiB of lz4,',
    '8 KiB of MPPC or 32 KiB of Deflate for each direction of a call, whose packets have no more than 8 KiB.',
    '',
  ].join('\n');
}

function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
