// The highest rate without loss for each live backend, and what the time of a packet is worth with it: GRE of one call is sent
// between two network namespaces as fast as the rate says, and the frames that were read are counted. Linux, root, python3; build first.
//
//   node bench/live.mjs --help
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, number, someOf } from './command.mjs';
import { generate } from './generate.mjs';

const everyBackend = ['tcpdump', 'dumpcap', 'cap'];
const { frames: wanted, backends } = command('node bench/live.mjs', 'Measures how many packets a second `live` reads.')
  .option('--frames <number>', 'to be sent at each rate', number, 200_000)
  .option('--backends <names>', 'those to be measured', someOf(everyBackend), everyBackend)
  .parse()
  .opts();
const program = fileURLToPath(new URL('../dist/bin/pptpscope.js', import.meta.url));
const replay = fileURLToPath(new URL('../test/support/replay.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pptpscope-bench-live-'));
const here = `pptpscope-bench-${process.pid}-a`;
const there = `pptpscope-bench-${process.pid}-b`;
const run = (...words) => execFileSync(words[0], words.slice(1), { encoding: 'utf8' });

/** One run: frames and drops that live counted, and what was sent in which time. */
async function measure(backend, file, pace) {
  const words = ['netns', 'exec', here, process.execPath, program, 'live', '-i', 'listen', '--backend', backend];
  const live = spawn('ip', [...words, '--format', 'jsonl'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const ended = new Promise((resolve) => live.once('close', resolve));
  await new Promise((resolve) => {
    live.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      if (text.includes('"capture-started"')) resolve();
    });
  });
  const sender = spawn('ip', ['netns', 'exec', there, 'python3', replay, 'send', file, String(pace)]);
  let said = '';
  sender.stdout.setEncoding('utf8').on('data', (more) => {
    said += more;
  });
  await new Promise((resolve) => sender.once('close', resolve));
  // What is on its way arrives.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  live.kill('SIGINT');
  await ended;
  const last = text.split('\n').find((line) => line.includes('"capture-ended"'));
  const [sent, seconds] = said.trim().split(' ').map(Number);
  return { ...JSON.parse(last), sent, seconds };
}

try {
  run('ip', 'netns', 'add', here);
  run('ip', 'netns', 'add', there);
  run('ip', 'link', 'add', 'listen', 'netns', here, 'type', 'veth', 'peer', 'name', 'send', 'netns', there);
  for (const [place, device] of [
    [here, 'listen'],
    [there, 'send'],
  ]) {
    run('ip', 'netns', 'exec', place, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
    run('ip', '-n', place, 'link', 'set', device, 'mtu', '9000', 'up');
  }
  const file = join(folder, 'gre.pcap');
  // Octets that make about as many frames.
  const probe = generate('gre', 1_000_000, file);
  const { frames } = generate('gre', Math.ceil((1_000_000 / probe.frames) * wanted), file);
  const duration = Number(run('capinfos', '-Tru', file).split('\t').at(-1));
  console.log('| backend | asked packets/s | sent packets/s | read | lost by its own count |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const backend of backends) {
    for (const rate of [20_000, 50_000, 100_000, 200_000, 0]) {
      const pace = rate === 0 ? 0 : (rate * duration) / frames;
      const result = await measure(backend, file, pace);
      const share = `${((result.frames / result.sent) * 100).toFixed(2)} %`;
      const sent = Math.round(result.sent / result.seconds);
      console.log(`| ${backend} | ${rate || 'all'} | ${sent} | ${share} | ${result.dropped ?? '–'} |`);
    }
  }
} finally {
  for (const place of [here, there]) {
    try {
      run('ip', 'netns', 'del', place);
    } catch {
      // It was not made.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
