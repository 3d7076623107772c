/**
 * `live` on real interfaces: captures sent over a pair of virtual ones at their own pace and faster, with each backend. The
 * report is that of the file, but for times.
 */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, describe } from 'vitest';
import { executable, programPath } from '../src/node/live/programs.ts';
import type { Report } from '../src/report/contract.ts';
import { reportOf } from './support/analysis.ts';
import { pcapFile } from './support/captures.ts';
import { LiveRun, Network, pptpscopeLive, whyNoNetwork } from './support/network.ts';
import { ethernet, octets, u16 } from './support/packets.ts';
import { SessionWriter } from './support/session.ts';
import { hasTool } from './support/tools.ts';

const missing = whyNoNetwork();
const backends = await Promise.all(
  (['tcpdump', 'dumpcap', 'cap'] as const).map(async (backend) => {
    return { backend, installed: 'path' in (await executable(backend)) };
  }),
);
const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const session = `${captures}01-mschapv2-mppe128-stateless-client.pcap`;
const framesOf: Readonly<Record<string, number>> = {
  '01-mschapv2-mppe128-stateless-client': 57,
  '06-chap-md5-clear-server-vlan100': 51,
  '09-mschapv2-wrong-password-client': 27,
  '12e-stateful-offered-refused-server': 34,
  '13-gre-dropped-both-ways-client': 27,
  '18b-icmp-protocol-unreachable-gre-client': 19,
  '22-netem-loss-reorder-mppe128-stateless-server': 222,
  '23e-firewall-tcp-reset-mid-session-client': 36,
  '25d-outer-ip-fragmentation-mtu576-server': 79,
  '31-two-calls-one-control-connection-server': 71,
};

/**
 * Each with a network and a folder of its own: most of their time they wait, and so they wait side by side. Each has its own
 * `expect`, by which its assertions are known for its own.
 */
const test = base
  .extend('network', ({ task }, { onCleanup }) => {
    const network = new Network(task.id);
    onCleanup(() => network.close());
    return network;
  })
  .extend('folder', ({ task }, { onCleanup }) => {
    const folder = mkdtempSync(join(tmpdir(), `pptpscope-live-${task.id}-`));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  });

/** Without what is another time or another container: of the file's report and of the live one. */
function timeless(report: Report): unknown {
  const { captures: _captures, ...rest } = report;
  return JSON.parse(
    JSON.stringify(rest, (key, value) => {
      if (/time|seconds|duration/i.test(key) || key === 'path') return undefined;
      // What depends on pauses between packets.
      if (
        /^(windowStalls|smallUnacknowledged|largeUnacknowledged|largestUnacknowledgedFrame|silence|stillBeforeTermination)$/.test(
          key,
        )
      )
        return undefined;
      if (typeof value !== 'string') return value;
      return value.replace(/\d+(?:\.\d+)? (?:ms|s|min)\b/g, '# s');
    }),
  );
}

function framesIn(path: string): number {
  return fileReport(path).captures[0]?.frames ?? 0;
}

function fileReport(path: string): Report {
  return reportOf(readFileSync(path));
}

describe
  .skipIf(missing !== null)
  .concurrent(`on an interface${missing === null ? '' : `: skipped, ${missing}`}`, () => {
    describe.each(backends)('$backend', ({ backend, installed }) => {
      const reason = installed ? '' : `: skipped, ${backend} is not installed`;

      test.skipIf(!installed).for<[string, number]>([
        ['01-mschapv2-mppe128-stateless-client', 1],
        ['06-chap-md5-clear-server-vlan100', 1],
        ['09-mschapv2-wrong-password-client', 10],
        ['12e-stateful-offered-refused-server', 10],
        ['13-gre-dropped-both-ways-client', 10],
        ['18b-icmp-protocol-unreachable-gre-client', 10],
        ['22-netem-loss-reorder-mppe128-stateless-server', 0],
        ['23e-firewall-tcp-reset-mid-session-client', 10],
        ['25d-outer-ip-fragmentation-mtu576-server', 0],
        // One side's data is judged by the time that the other had for an answer.
        ['31-two-calls-one-control-connection-server', 1],
      ])(`%s at pace %d gives the file's report${reason}`, async ([name, pace], { network, expect }) => {
        const path = `${captures}${name}.pcap`;
        const frames = framesOf[name] ?? 0;
        const run = await network.live(['--backend', backend, '--count', String(frames)]);
        await network.replay(path, pace);
        expect(await run.ended()).toBe(0);
        const [ended] = run.of('capture-ended');
        expect(ended).toMatchObject({ reason: 'count', frames, dropped: backend === 'cap' ? null : 0 });
        const report = run.of('report')[0]?.report;
        expect(report && timeless(report)).toEqual(timeless(fileReport(path)));
      });

      test.skipIf(!installed).for(['SIGINT', 'SIGTERM'] as const)(
        `%s ends with the report of all that came until then, and 0${reason}`,
        async (signal, { network, expect }) => {
          const run = await network.live(['--backend', backend]);
          await network.replay(session, 0);
          run.kill(signal);
          expect(await run.ended()).toBe(0);
          expect(run.of('capture-ended')[0]).toMatchObject({ reason: 'interrupted', frames: 57 });
          expect(run.of('report')[0]?.report.tunnels).toHaveLength(1);
        },
      );

      test.skipIf(!installed)(`--user: nobody stays root${reason}`, async ({ network, expect }) => {
        const starting = network.live(['--user', 'nobody', '--backend', backend]);
        if (backend === 'dumpcap') {
          await expect(starting).rejects.toThrow(/^live ended with 2: pptpscope: dumpcap stays root/);
          return;
        }
        const run = await starting;
        const own = statusOf(run.processId);
        const child = readFileSync(`/proc/${run.processId}/task/${run.processId}/children`, 'utf8').trim();
        const capturing = statusOf(Number(child));
        run.kill('SIGINT');
        expect(await run.ended()).toBe(0);
        const nobody = execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).trim();
        const all = [nobody, nobody, nobody, nobody];
        expect(own).toEqual(all);
        expect(capturing).toEqual(all);
      });

      test.skipIf(!installed)(`its program dies: said, reported, 2${reason}`, async ({ network, folder, expect }) => {
        const target = join(folder, `${backend}-killed.pcapng`);
        const run = await network.live(['--backend', backend, '-w', target]);
        await network.replay(session, 0);
        await run.until(({ kind }) => kind === 'control-closed');
        const child = readFileSync(`/proc/${run.processId}/task/${run.processId}/children`, 'utf8').trim();
        process.kill(Number(child), 'SIGKILL');
        expect(await run.ended()).toBe(2);
        expect(run.of('capture-fault')[0]?.message).toMatch(/was ended by SIGKILL/);
        expect(run.of('capture-ended')[0]?.reason).toBe('failed');
        expect(run.of('report')[0]?.report.tunnels).toHaveLength(1);
        // What was captured until then is in the file.
        expect(fileReport(target).captures[0]?.frames).toBe(57);
      });

      test.skipIf(!installed).for<[string, string[], RegExp]>([
        ['goes down', ['set', 'listen', 'down'], /went down$/],
        ['disappears', ['del', 'listen'], /disappeared$/],
      ])(`the interface %s: said, reported, 2${reason}`, async ([_what, words, says], { network, expect }) => {
        const run = await network.live(['--backend', backend]);
        await network.replay(session, 0);
        await run.until(({ kind }) => kind === 'control-closed');
        network.link(...words);
        expect(await run.ended()).toBe(2);
        expect(run.of('capture-fault')[0]?.message).toMatch(says);
        expect(run.of('capture-ended')[0]?.reason).toBe('failed');
        expect(run.of('report')[0]?.report.tunnels).toHaveLength(1);
      });
    });

    test('the steps come in order, and a failure with its cause before the end', async ({ network, expect }) => {
      const run = await network.live(['--count', '27']);
      await network.replay(`${captures}09-mschapv2-wrong-password-client.pcap`, 10);
      expect(await run.ended()).toBe(0);
      const kinds = run.events.map(({ kind }) => kind);
      const steps = kinds.filter((kind) => kind !== 'finding' && kind !== 'packets-dropped');
      expect(steps).toEqual([
        'capture-started',
        'tunnel-opened',
        'tcp-connected',
        'control-started',
        'call-requested',
        'call-connected',
        'gre-seen',
        'gre-seen',
        'lcp-opened',
        'authentication-asked',
        'authentication-failed',
        'diagnosis',
        'link-terminated',
        'disconnected',
        'control-closed',
        'capture-ended',
        'report',
      ]);
      expect(run.of('authentication-failed')[0]).toMatchObject({ user: 'alice', errorCode: 691, by: 'server' });
      expect(run.of('diagnosis')[0]?.diagnosis.cause).toBe('wrong-credentials');
    });

    test('a tunnel that nobody answers is judged without a further packet', async ({ network, expect }) => {
      const run = await network.live([]);
      // One SYN and its repetitions at once; then nothing more.
      await network.replay(`${captures}17-tcp1723-dropped-syn-retries-client.pcap`, 0);
      const diagnosis = await run.until(({ kind }) => kind === 'diagnosis');
      run.kill('SIGINT');
      expect(await run.ended()).toBe(0);
      expect(diagnosis).toMatchObject({ diagnosis: { cause: 'tcp-no-answer' } });
    });

    test('-f keeps what is in a VLAN, in PPPoE, and in both', async ({ network, folder, expect }) => {
      const writer = new SessionWriter();
      const plain = writer.handshake().frames.map(({ octets }) => octets.subarray(14));
      const vlan = (type: number, payload: Uint8Array): Uint8Array =>
        ethernet(octets(u16(7), u16(type), payload), 0x8100);
      const pppoe = (packet: Uint8Array): Uint8Array =>
        octets([0x11, 0, 0, 1], u16(packet.length + 2), u16(0x21), packet);
      const frames = plain.flatMap((packet) => [
        vlan(0x0800, packet),
        ethernet(pppoe(packet), 0x8864),
        vlan(0x8864, pppoe(packet)),
      ]);
      const path = join(folder, 'tagged.pcap');
      // Half a second apart, or they were copies of one packet.
      writeFileSync(path, pcapFile(frames.map((frame, at) => ({ seconds: 1000 + at, fraction: 0, octets: frame }))));
      const run = await network.live(['-f', `host ${writer.client}`, '--count', String(frames.length)]);
      await network.replay(path, 2);
      expect(await run.ended()).toBe(0);
      expect(run.of('capture-ended')[0]?.frames).toBe(9);
      const other = await network.live(['-f', `not host ${writer.client}`, '--duration', '4']);
      await network.replay(path, 0);
      expect(await other.ended()).toBe(0);
      expect(other.of('capture-ended')[0]?.frames).toBe(0);
    });

    test('-f narrows: of 57 frames the 43 of GRE', async ({ network, expect }) => {
      const run = await network.live(['-f', 'ip proto 47', '--count', '43']);
      await network.replay(session, 0);
      expect(await run.ended()).toBe(0);
      const tunnels = run.of('report')[0]?.report.tunnels;
      expect(tunnels?.map(({ control, calls }) => [control, calls[0]?.gre.clientToServer.packets])).toEqual([
        [null, 24],
      ]);
    });

    test('-w holds every packet, in files of the given size, of which the newest stay', async ({
      network,
      folder,
      expect,
    }) => {
      const target = join(folder, 'ring.pcapng');
      const run = await network.live(['--count', '171', '-w', target, '--rotate-size', '5k', '--files', '2']);
      for (let turn = 0; turn < 3; turn += 1) await network.replay(session, 0);
      expect(await run.ended()).toBe(0);
      const begun = run.of('file-opened').map(({ path }) => path);
      expect(begun.length).toBeGreaterThan(3);
      const kept = readdirSync(folder).filter((name) => name.startsWith('ring-'));
      expect(kept.map((name) => join(folder, name))).toEqual(begun.slice(-2));
    });

    test.skipIf(!hasTool('capinfos'))(
      '-w: another program reads what was written',
      async ({ network, folder, expect }) => {
        const target = join(folder, 'whole.pcapng');
        const run = await network.live(['--count', '57', '-w', target]);
        await network.replay(session, 0);
        expect(await run.ended()).toBe(0);
        const counted = execFileSync('capinfos', ['-c', '-M', '-T', '-r', target], { encoding: 'utf8' });
        expect(counted.trim().split('\t')).toContain('57');
        expect(timeless(fileReport(target))).toEqual(timeless(fileReport(session)));
      },
    );

    test.for<[string, number]>([
      ['24b-gre-only-mid-session-client', 5],
      ['13-gre-dropped-both-ways-client', 1],
      ['31-two-calls-one-control-connection-server', 0],
    ])('-w: of %s the report is that of the file, times and all', async ([name, pace], { network, folder, expect }) => {
      const target = join(folder, `${name}.pcapng`);
      const run = await network.live(['-w', target, '--count', String(framesIn(`${captures}${name}.pcap`))]);
      await network.replay(`${captures}${name}.pcap`, pace);
      expect(await run.ended()).toBe(0);
      const { captures: _live, ...live } = run.of('report')[0]?.report ?? fileReport(session);
      const { captures: _file, ...file } = fileReport(target);
      expect(live).toEqual(JSON.parse(JSON.stringify(file)));
    });

    test('--trigger-on failure writes nothing while all is well, and what was before a failure', async ({
      network,
      folder,
      expect,
    }) => {
      const target = join(folder, 'trigger.pcapng');
      const run = await network.live(['--count', '84', '-w', target, '--trigger-on', 'failure']);
      await network.replay(session, 0);
      await run.until(({ kind }) => kind === 'control-closed');
      expect(run.of('file-opened')).toEqual([]);
      await network.replay(`${captures}09-mschapv2-wrong-password-client.pcap`, 0);
      expect(await run.ended()).toBe(0);
      expect(run.of('file-opened')).toHaveLength(1);
      const written = fileReport(run.of('file-opened')[0]?.path ?? '');
      expect(written.captures[0]?.frames).toBe(84);
      expect(written.diagnoses.map(({ cause }) => cause)).toContain('wrong-credentials');
    });

    test('the disk fills: said, reported, 2', async ({ network, folder, expect }) => {
      const small = join(folder, 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', small]);
      try {
        const run = await network.live(['-w', join(small, 'full.pcapng')]);
        for (let turn = 0; turn < 3; turn += 1) await network.replay(session, 0);
        expect(await run.ended()).toBe(2);
        expect(run.of('capture-fault')[0]?.message).toMatch(/full\.pcapng: cannot be written: the disk is full/);
        expect(run.of('report')[0]?.report.tunnels).not.toHaveLength(0);
      } finally {
        execFileSync('umount', [small]);
      }
    });

    test('no such interface: one line, 2', async ({ network, expect }) => {
      await expect(network.live(['-i', 'absent'])).rejects.toThrow(
        /^live ended with 2: pptpscope: absent: no such interface/,
      );
    });
  });

describe.concurrent('standard input', () => {
  const words = ['-i', '-', '--backend', 'stdin', '--format', 'jsonl'];

  test('gives the report of the file', async ({ expect }) => {
    const run = new LiveRun(pptpscopeLive(words));
    run.input(readFileSync(session)).end();
    expect(await run.ended()).toBe(0);
    expect(run.of('capture-started')[0]).toMatchObject({ backend: 'stdin', filter: null });
    expect(run.of('capture-ended')[0]).toMatchObject({ reason: 'end', frames: 57 });
    const { captures: _live, ...live } = run.of('report')[0]?.report ?? fileReport(session);
    const { captures: _file, ...file } = fileReport(session);
    expect(live).toEqual(JSON.parse(JSON.stringify(file)));
  });

  test.for<[string, string[]]>([
    ['SIGINT', []],
    ['count', ['--count', '20']],
    ['duration', ['--duration', '2']],
  ])('that stays open is followed, until %s', async ([end, more], { expect }) => {
    const run = new LiveRun(pptpscopeLive([...words, ...more]));
    // Up to the middle of a record.
    run.input(readFileSync(session).subarray(0, 6000));
    await run.until(({ kind }) => kind === 'authentication-succeeded');
    if (end === 'SIGINT') run.kill('SIGINT');
    expect(await run.ended()).toBe(0);
    expect(run.of('capture-ended')[0]?.reason).toBe(end === 'SIGINT' ? 'interrupted' : end);
    expect(run.of('report')[0]?.report.tunnels).toHaveLength(1);
  });

  test('that is no capture: said, 2', async ({ expect }) => {
    const run = new LiveRun(pptpscopeLive(words));
    run.input(Buffer.from('no capture at all, but words')).end();
    expect(await run.ended()).toBe(2);
    expect(run.errors).toBe('pptpscope: standard input: no pcap or pcapng file: it is text\n');
  });
});

/** Debian's packages pptpd and pptp-linux. */
const daemons = ['pptpd', 'pptp'].filter((name) => programPath(name) === null);
const why = missing ?? (daemons.length > 0 ? `${daemons.join(' and ')} not installed` : null);

describe.skipIf(why !== null)(`a real server and a real client${why === null ? '' : `: skipped, ${why}`}`, () => {
  test('their control connection is followed', async ({ network, folder, expect }) => {
    network.address('10.99.0.1/24', '10.99.0.2/24');
    const options = join(folder, 'options');
    const configuration = join(folder, 'pptpd.conf');
    writeFileSync(options, 'noauth\nlocal\n');
    writeFileSync(configuration, `option ${options}\nlocalip 10.98.0.1\nremoteip 10.98.0.2-9\n`);
    const server = network.spawn('here', ['pptpd', '--fg', '-c', configuration, '-p', join(folder, 'pid')]);
    const run = await network.live([]);
    let client: ChildProcess | null = null;
    const dial = (): void => {
      client = network.spawn('there', ['pptp', '10.99.0.1', '--nolaunchpppd', '--loglevel', '0']);
      // The server may not listen yet: refused, it is dialled again.
      client.once('exit', () => again.refresh());
    };
    const again = setTimeout(dial, 200);
    try {
      await run.until(({ kind }) => kind === 'call-connected');
    } finally {
      clearTimeout(again);
      (client as ChildProcess | null)?.removeAllListeners('exit').kill();
      server.kill();
    }
    run.kill('SIGINT');
    expect(await run.ended()).toBe(0);
    const [started] = run.of('control-started');
    expect(started).toMatchObject({
      accepted: true,
      vendorName: 'linux',
      client: { address: '10.99.0.2' },
      server: { address: '10.99.0.1', port: 1723 },
    });
    expect(run.of('call-requested')[0]?.by).toBe('client');
    const report = run.of('report')[0]?.report;
    const tunnel = report?.tunnels.find(({ calls }) => calls.length > 0);
    expect(tunnel?.control?.start).toMatchObject({ outcome: 'accepted', client: { vendorName: 'cananian' } });
    expect(tunnel?.calls[0]?.resultCode).toBe(1);
  });
});

function statusOf(processId: number): string[] {
  const path = `/proc/${processId}/status`;
  if (!existsSync(path)) return [];
  return /^Uid:\s+(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.split('\t') ?? [];
}
