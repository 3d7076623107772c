/** `pptpscope interfaces`: where `live` can listen, with what, and what is missing. */
import { Command, Option } from 'commander';
import { type BackendState, backends, type Device, devices } from '../node/live/interfaces.ts';
import { safe } from '../report/text.ts';
import { exitStatus, type Io, write } from './io.ts';

interface InterfacesOptions {
  format: 'text' | 'json';
}

/** What the system has; handed in by tests. */
export interface Surroundings {
  devices(): Device[];
  backends(device: string | null): Promise<BackendState[]>;
}

/** `finished` gets the exit status. */
export function interfacesCommand(
  io: Io,
  finished: (status: number) => void,
  surroundings: Surroundings = { devices, backends },
): Command {
  return new Command('interfaces')
    .description('list the interfaces that live can listen on, and what is missing')
    .addOption(new Option('--format <format>', 'how to write the list').choices(['text', 'json']).default('text'))
    .action(async ({ format }: InterfacesOptions) => {
      const found = surroundings.devices();
      const probe = found.find(({ up }) => up === true)?.name ?? found[0]?.name ?? null;
      const states = await surroundings.backends(probe);
      const text =
        format === 'json'
          ? `${JSON.stringify({ interfaces: found, backends: states }, null, 2)}\n`
          : listText(found, states);
      await write(io.stdout, text);
      finished(states.some(({ name, works }) => works && name !== 'stdin') ? exitStatus.done : exitStatus.unreadable);
    });
}

function listText(found: readonly Device[], states: readonly BackendState[]): string {
  const column =
    Math.max(10, ...found.map(({ name }) => safe(name).length), ...states.map(({ name }) => name.length)) + 2;
  const lines = ['Interfaces'];
  for (const { name, addresses, up } of found) {
    const state = up === null ? '' : up ? 'up    ' : 'down  ';
    lines.push(`  ${safe(name).padEnd(column)}${state}${addresses.map(safe).join(', ')}`.trimEnd());
  }
  if (found.length === 0) lines.push('  none');
  lines.push('', 'Backends');
  for (const { name, works, detail, mend } of states) {
    lines.push(`  ${name.padEnd(column)}${works ? '✓' : '✗'} ${safe(detail)}`);
    if (mend !== null) lines.push(`  ${' '.repeat(column)}  ${safe(mend)}`);
  }
  return `${lines.join('\n')}\n`;
}
