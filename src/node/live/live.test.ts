/** What is asked of the kernel, and what the capturing programs say. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pcapFile } from '../../../test/support/captures.ts';
import { ethernet, icmpUnreachable, ipv4, octets, tcp, tcpFlags, u16 } from '../../../test/support/packets.ts';
import { wholeSession } from '../../../test/support/session.ts';
import { CaptureReader } from '../../capture/reader.ts';
import { captureFilters } from './filter.ts';
import { follow } from './follow.ts';
import { deviceState } from './interfaces.ts';
import { droppedIn, failureOf, parametersOf, programPath } from './programs.ts';
import { FileRecorder, type Recorder, TriggeredRecorder } from './recorder.ts';

const addresses = { source: '192.0.2.1', destination: '198.51.100.1' };
const syn = (port: number): Uint8Array =>
  tcp({ sourcePort: 50_000, destinationPort: port, sequence: 1, acknowledgment: 0, flags: tcpFlags.syn });
const control = ipv4({ ...addresses, protocol: 6 }, syn(1723));
const gre = ipv4({ ...addresses, protocol: 47 }, octets([0x30, 0x81, 0x88, 0x0b], u16(0), u16(7), [0, 0, 0, 1]));
const web = ipv4({ ...addresses, protocol: 6 }, syn(443));
const udp = ipv4({ ...addresses, protocol: 17 }, octets(u16(5353), u16(5353), u16(8), u16(0)));
const unreachable = ipv4({ ...addresses, protocol: 1 }, icmpUnreachable(2, gre));
const ping = ipv4({ ...addresses, protocol: 1 }, octets([8, 0, 0, 0, 0, 1, 0, 1]));

const vlan = (packet: Uint8Array, etherType = 0x0800): Uint8Array => octets(u16(100), u16(etherType), packet);
const pppoe = (packet: Uint8Array): Uint8Array => octets([0x11, 0, 0, 1], u16(packet.length + 2), u16(0x0021), packet);

const tcpdump = programPath('tcpdump');

describe.skipIf(tcpdump === null)(
  `the filter, as tcpdump takes it${tcpdump === null ? ': skipped, not installed' : ''}`,
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pptpscope-filter-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    function passing(frames: readonly Uint8Array[], filter: string): number {
      const file = join(folder, 'frames.pcap');
      const out = join(folder, 'out.pcap');
      writeFileSync(file, pcapFile(frames.map((frame) => ({ seconds: 1, fraction: 0, octets: frame }))));
      execFileSync(tcpdump ?? '', ['-r', file, '-w', out, filter], { stdio: 'ignore' });
      const counted = execFileSync(tcpdump ?? '', ['-n', '-r', out], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return counted.split('\n').length - 1;
    }

    const [widest = '', , plainest = ''] = captureFilters([1723], null);

    test.each<[what: string, frame: Uint8Array]>([
      ['TCP 1723', ethernet(control)],
      ['GRE', ethernet(gre)],
      ['an ICMP error', ethernet(unreachable)],
      ['TCP 1723 in a VLAN', ethernet(vlan(control), 0x8100)],
      ['GRE in a VLAN', ethernet(vlan(gre), 0x8100)],
      ['GRE in two VLANs', ethernet(vlan(vlan(gre), 0x8100), 0x8100)],
      ['TCP 1723 in PPPoE', ethernet(pppoe(control), 0x8864)],
      ['GRE in PPPoE', ethernet(pppoe(gre), 0x8864)],
      ['GRE in PPPoE in a VLAN', ethernet(vlan(pppoe(gre), 0x8864), 0x8100)],
    ])('%s passes', (_what, frame) => {
      expect(passing([frame], widest)).toBe(1);
    });

    test.each<[what: string, frame: Uint8Array]>([
      ['HTTPS', ethernet(web)],
      ['UDP', ethernet(udp)],
      ['an echo request', ethernet(ping)],
      ['HTTPS in a VLAN', ethernet(vlan(web), 0x8100)],
      ['HTTPS in PPPoE', ethernet(pppoe(web), 0x8864)],
      ['UDP in PPPoE', ethernet(pppoe(udp), 0x8864)],
    ])('%s does not', (_what, frame) => {
      expect(passing([frame], widest)).toBe(0);
    });

    test('a whole session passes the plainest too', () => {
      const frames = wholeSession().map((frame) => frame.octets);
      expect(passing(frames, plainest)).toBe(frames.length);
    });

    test('another port', () => {
      const other = ethernet(ipv4({ ...addresses, protocol: 6 }, syn(11_723)));
      const [ports = ''] = captureFilters([1723, 11_723], null);
      expect(passing([other], ports)).toBe(1);
      expect(passing([other], widest)).toBe(0);
    });

    test.each<[platform: 'linux' | 'darwin', what: string, frame: Uint8Array]>([
      ['linux', 'GRE', ethernet(gre)],
      ['linux', 'GRE in PPPoE', ethernet(pppoe(gre), 0x8864)],
      ['linux', 'TCP 1723 in PPPoE', ethernet(pppoe(control), 0x8864)],
      ['darwin', 'GRE', ethernet(gre)],
      ['darwin', 'GRE in a VLAN', ethernet(vlan(gre), 0x8100)],
      ['darwin', 'GRE in two VLANs', ethernet(vlan(vlan(gre), 0x8100), 0x8100)],
    ])('an own expression, %s: %s passes where it holds', (platform, _what, frame) => {
      const [own = ''] = captureFilters([1723], 'host 192.0.2.1', platform);
      const [others = ''] = captureFilters([1723], 'not host 192.0.2.1', platform);
      expect([passing([frame], own), passing([frame], others)]).toEqual([1, 0]);
    });
  },
);

describe('what the programs say', () => {
  test.each([
    ['3 packets captured\n5 packets received by filter\n2 packets dropped by kernel\n', 2],
    ['tcpdump: 3 packets captured, 5 packets received by filter, 1 packet dropped by kernel\n', 1],
    ['0 packets dropped by kernel\n4 packets dropped by kernel\n3 packets dropped by interface\n', 7],
    ["Packets received/dropped on interface 'eth0': 12/9 (pcap:9/dumpcap:0/flushed:0/ps_ifdrop:0) (57.1%)\n", 9],
    ['tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n', null],
  ])('drops in %j', (said, dropped) => {
    expect(droppedIn(said)).toBe(dropped);
  });

  test.each([
    [
      "tcpdump: eth0: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
      'no-permission',
    ],
    ['tcpdump: eth9: No such device exists\n(SIOCGIFHWADDR: No such device)\n', 'no-device'],
    ["tcpdump: can't parse filter expression: syntax error\n", 'bad-filter'],
    [
      'tcpdump: listening on eth0, link-type EN10MB\ntcpdump: pcap_loop: The interface disappeared\n0 packets captured\n',
      'capture-failed',
    ],
  ])('%j', (said, code) => {
    expect(failureOf('tcpdump', 'eth0', said, null).code).toBe(code);
  });

  test('the reason is theirs, without their name', () => {
    const said = 'tcpdump: listening on eth0\ntcpdump: pcap_loop: The interface disappeared\n0 packets captured\n';
    expect(failureOf('tcpdump', 'eth0', said, null).message).toBe(
      'eth0: tcpdump ended: pcap_loop: The interface disappeared',
    );
  });

  test('a device that looks like an option stays the value of -i', () => {
    const wish = { interface: '-w', filter: null, snapLength: 0, promiscuous: false, count: 3, user: 'nobody' };
    expect(parametersOf('tcpdump', wish).slice(0, 2)).toEqual(['-i', '-w']);
    expect(parametersOf('tcpdump', wish)).toEqual(expect.arrayContaining(['-p', '-c', '3', '-Z', 'nobody']));
    expect(parametersOf('dumpcap', wish)).not.toContain('-Z');
  });

  test('a program that is nowhere', () => {
    expect(programPath('no-such-program-anywhere', '/nonexistent')).toBeNull();
  });
});

test('a device that is not there, and a system that does not say', () => {
  expect(deviceState('no-such-device', '/nonexistent')).toBeNull();
  if (process.platform === 'linux') expect(deviceState('no-such-device')).toBe('gone');
});

describe('a capture for each failure', () => {
  const octetsOf = (name: string): number => readFileSync(name).length;

  /** Minutes of packets, one a second, each of which fails. */
  function recorded(folder: string, rotateOctets: number | null): string[] {
    const opened: string[] = [];
    const options = { path: join(folder, 'fail.pcapng'), force: false, interface: 'eth0', rotateSeconds: null };
    const recorder = new TriggeredRecorder(
      { ...options, rotateOctets, files: 2, opened: (name) => opened.push(name) },
      { beforeOctets: 1e6, beforeSeconds: 60, afterSeconds: 10 },
    );
    const reader = new CaptureReader({
      frame: (frame) => {
        recorder.frame(frame, 6);
        recorder.failure();
      },
    });
    const records = Array.from({ length: 300 }, (_, at) => ({
      seconds: 1000 + at,
      fraction: 0,
      octets: ethernet(gre),
    }));
    reader.push(pcapFile(records));
    reader.finish();
    recorder.close();
    return opened;
  }

  test('goes on while something fails, and with a size begins another file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pptpscope-trigger-'));
    try {
      const [one = '', ...more] = recorded(mkdtempSync(join(folder, 'one-')), null);
      expect(more).toEqual([]);
      expect(octetsOf(one)).toBeGreaterThan(20_000);
      const several = recorded(mkdtempSync(join(folder, 'several-')), 4000);
      expect(several.length).toBeGreaterThan(5);
      const kept = several.filter((name) => existsSync(name));
      expect(kept).toEqual(several.slice(-2));
      for (const name of kept) expect(octetsOf(name)).toBeLessThan(4200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what goes wrong while packets are written', () => {
  const records = [1000, 1001].map((seconds) => ({ seconds, fraction: 0, octets: ethernet(gre) }));
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pptpscope-ring-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Follows a capture of two packets on standard input; what was said of faults, and how it ended. */
  async function followed(record: (opened: (path: string) => void) => Recorder): Promise<unknown[]> {
    const { stdin } = process;
    Object.defineProperty(process, 'stdin', { value: Readable.from([pcapFile(records)]), configurable: true });
    try {
      const said: unknown[] = [];
      const options = {
        interface: '-',
        backend: 'stdin',
        ports: [1723],
        filter: null,
        snapLength: 0,
        count: null,
      } as const;
      const { reason } = await follow(
        { ...options, promiscuous: true, analysis: {}, durationSeconds: null, user: null, record },
        {
          event: (event) => {
            if (event.kind === 'capture-fault') said.push(event.message);
          },
          open: () => {},
        },
        new AbortController().signal,
      );
      return [...said, reason];
    } finally {
      Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
    }
  }

  test('the oldest file of a ring that cannot be removed is said', async () => {
    const path = join(folder, 'ring.pcapng');
    const opened: string[] = [];
    const ring = { path, force: false, interface: '-', rotateOctets: null, rotateSeconds: 1, files: 1 };
    const seen = await followed((tell) => {
      return new FileRecorder({
        ...ring,
        opened: (name) => {
          tell(name);
          const [oldest] = opened;
          opened.push(name);
          if (oldest === undefined) return;
          rmSync(oldest);
          mkdirSync(oldest);
        },
      });
    });
    expect(seen).toEqual([
      expect.stringContaining(`${join(folder, 'ring-00001.pcapng')}: cannot be written`),
      'failed',
    ]);
  });

  test('an own fault is thrown, the first of them, and what was written stays', async () => {
    let closed = 0;
    const faults = [new TypeError('first'), new TypeError('second')];
    const failing = (): never => {
      throw faults.shift() ?? new TypeError('no more');
    };
    const recorder: Recorder = { frame: failing, failure: failing, flush: () => {}, close: () => (closed += 1) };
    await expect(followed(() => recorder)).rejects.toThrow('first');
    expect([faults.length, closed]).toEqual([0, 1]);
  });
});
