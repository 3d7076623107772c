/** `pptpscope decrypt`: what comes out is what the server's ppp0 saw, and what other programs find sound. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../src/cli/program.ts';
import { analyzeFiles } from '../src/node/index.ts';
import { joined } from '../src/octets/joined.ts';
import type { InsideReport } from '../src/report/inside.ts';
import { recordedIo } from './support/io.ts';
import { recordsOf } from './support/records.ts';
import { hasTool, outputOf } from './support/tools.ts';

const captures = fileURLToPath(new URL('../captures/', import.meta.url));
const names = readdirSync(captures).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name));
const session = join(captures, '01-mschapv2-mppe128-stateless-client.pcap');
/** Those of captures/README.md. */
const passwords = ['Sw0rdfish!', 'tr0ub4dor&3', 'C0rrect horse', 'Dav3-pw'];

let folder = '';
let passwordFile = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pptpscope-decrypt-'));
  passwordFile = join(folder, 'passwords.txt');
  writeFileSync(passwordFile, `${passwords.join('\r\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function pptpscope(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const io = recordedIo();
  const status = await run(words, io, analyzeFiles);
  return { status, out: io.out(), err: io.err() };
}

async function insideOf(...words: string[]): Promise<InsideReport[]> {
  const { out, status } = await pptpscope('decrypt', '--format', 'json', '--force', '-w', join(folder, 'x'), ...words);
  expect(status).toBe(0);
  return JSON.parse(out) as InsideReport[];
}

/** Of each packet what tshark says of these fields. */
function fields(path: string, columns: readonly string[]): string[] {
  const wanted = columns.flatMap((column) => ['-e', column]);
  const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
  return outputOf('tshark', ['-r', path, ...options, '-T', 'fields', ...wanted])
    .toString()
    .split('\n')
    .slice(0, -1);
}

describe.skipIf(!hasTool('tshark'))('against other programs (skipped without tshark)', () => {
  it.each(['client', 'server'])('at the %s: the packets that the server saw on ppp0', async (end) => {
    const inner = join(folder, `inner-${end}.pcapng`);
    const outer = join(captures, `01-mschapv2-mppe128-stateless-${end}.pcap`);
    const { status, err } = await pptpscope('decrypt', outer, '-w', inner, '--password', 'Sw0rdfish!');
    expect(status).toBe(0);
    expect(err).toContain('17 packets written to ');
    const seen = join(captures, '01-mschapv2-mppe128-stateless-inner-server-ppp0.pcap');
    const columns = ['ip.src', 'ip.id', 'ip.len', 'ip.checksum', 'icmp.checksum', 'tcp.checksum', 'data.data'];
    expect(fields(inner, columns)).toHaveLength(17);
    expect(fields(inner, columns)).toEqual(fields(seen, columns));
    // Outbound is what the client sent.
    expect(new Set(fields(inner, ['ip.src', 'frame.packet_flags_direction']))).toEqual(
      new Set(['192.168.77.100\t0x00000002', '192.168.77.1\t0x00000001']),
    );
    expect(new Set(fields(inner, ['frame.interface_name']))).toEqual(new Set([`T1.1 of ${outer}`]));
  });

  /** Of cut packets only IP's checksum can be told. */
  const checksums = ['ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status', 'icmp.checksum.status'];
  const wrong = '0';

  it.each(names.filter((name) => /^(01-.*client|02-|03|05-|20-.*inside|22|25d|26[bh]?-|40-|50-variant-c)/.test(name)))(
    '%s: every checksum inside is right',
    async (name) => {
      const inner = join(folder, `${name}.pcapng`);
      const words = ['-w', inner, '--password-file', passwordFile];
      const { err } = await pptpscope('decrypt', join(captures, name), ...words);
      const rows = fields(inner, checksums).map((row) => row.split(/[\t,]/));
      expect(rows).toHaveLength(Number(/(\d+) packets? written to/.exec(err)?.[1]));
      expect(rows.filter((row) => row.includes(wrong))).toEqual([]);
    },
  );
});

describe('which packets are decrypted', () => {
  /** Counts of packets with MPPE's header by `tshark -Y 'ppp.protocol == 0xfd'`, less repetitions. */
  it.each([
    ['01-mschapv2-mppe128-stateless-client.pcap', { bits: 128, stateless: true }, 17],
    ['02-mschapv2-mppe128-stateful-server.pcap', { bits: 128, stateless: false }, 19],
    ['03-mschapv2-mppe40-stateless-server.pcap', { bits: 40, stateless: true }, 17],
    ['03b-mschapv2-mppe40-stateful-server.pcap', { bits: 40, stateless: false }, 17],
    ['05-mschapv1-mppe128-server.pcapng', { bits: 128, stateless: true, protocol: 'ms-chap-v1' }, 17],
    ['22-netem-loss-reorder-mppe128-stateless-server.pcap', { bits: 128, stateless: true }, 149],
    // One end lost some of them and asked for new keys; here none stays encrypted.
    ['22b-netem-loss-mppe128-stateful-ccp-resets-server.pcap', { bits: 128, stateless: false }, 103],
    ['25d-outer-ip-fragmentation-mtu576-server.pcap', { bits: 128 }, 24],
    ['40-accel-ppp-mppe128-server.pcap', { bits: 128, stateless: true }, 18],
  ])('%s', async (name, agreed, decrypted) => {
    const [inside, ...others] = await insideOf(join(captures, name), '--password-file', passwordFile);
    expect(others).toEqual([]);
    expect(inside).toMatchObject({ ...agreed, call: 'T1.1', packets: { decrypted, clear: 0 } });
    const { packets } = inside ?? {};
    expect(packets).toMatchObject({ withoutKey: 0, lost: 0, late: 0, unreadable: 0, compressed: 0 });
  });

  /**
   * Counts of PPP packets of protocol 0xfd and 0x21 by tshark. Of sample 26h the receivers lost some themselves (`why` of its
   * expectations): what was sent between that and CCP's Reset-Ack refers to what is missing.
   */
  it.each([
    ['26b-ccp-deflate-server.pcap', { clear: 19, decompressed: 17, lost: 0 }],
    ['26h-ccp-deflate-loss-reset-server.pcap', { clear: 79, decompressed: 73, lost: 19 }],
  ])('%s needs no password', async (name, packets) => {
    const [inside, ...others] = await insideOf(join(captures, name));
    expect(others).toEqual([]);
    expect(inside).toMatchObject({ method: 'deflate', packets });
    expect(inside?.packets).toMatchObject({ decrypted: 0, withoutKey: 0, late: 0, unreadable: 0, compressed: 0 });
  });

  /** Of Ethernet, IPv4 without options, and enhanced GRE. */
  const isGre = (record: Uint8Array): boolean => record[16 + 14 + 9] === 47;

  describe('Deflate', () => {
    const { header, records } = recordsOf(readFileSync(join(captures, '26h-ccp-deflate-loss-reset-server.pcap')));
    const insideOfRecords = async (some: readonly Uint8Array[], more: readonly Uint8Array[] = []) => {
      const path = join(folder, 'deflate.pcap');
      writeFileSync(path, joined([header, ...some, ...more]));
      const [inside] = await insideOf(path);
      return inside?.packets;
    };
    /** PPP's octets, in hexadecimal: behind record, Ethernet, IPv4, and GRE with a sequence number and perhaps an acknowledgment. */
    const ppp = (record: Uint8Array): string => {
      const acknowledges = ((record[16 + 14 + 20 + 1] ?? 0) & 0x80) !== 0;
      return isGre(record) ? Buffer.from(record.subarray(16 + 14 + 20 + (acknowledges ? 16 : 12))).toString('hex') : '';
    };
    /** Where the client's compressed packet of that number is, the first of several. */
    const placeOf = (number: number): number =>
      records.findIndex(
        (record) => record[16 + 14 + 12] === 10 && ppp(record).startsWith(`fd${number.toString(16).padStart(4, '0')}`),
      );

    it('where no Reset-Ack is in the capture, numbers tell that the sender began anew', async () => {
      // CCP, code 15.
      const rest = records.filter((record) => !ppp(record).startsWith('80fd0f'));
      expect(records.length - rest.length).toBe(5);
      expect(await insideOfRecords(rest)).toMatchObject({ clear: 79, decompressed: 73, lost: 19, unreadable: 0 });
    });

    it('packets that were overtaken have their turn', async () => {
      const [third, fourth] = [placeOf(3), placeOf(4)];
      expect(third).toBeGreaterThan(0);
      const order = records.slice();
      [order[third], order[fourth]] = [records[fourth] ?? new Uint8Array(0), records[third] ?? new Uint8Array(0)];
      expect(await insideOfRecords(order)).toMatchObject({ clear: 79, decompressed: 73, lost: 19, late: 0 });
    });

    it('behind a missing packet nothing is read that refers to it, until the Reset-Ack', async () => {
      // The client's numbers are 0 to 29 before its first Reset-Ack, by tshark: 0 is not compressed, 20, 26 and 30 are missing, and
      // 21 to 29 are lost anyway. Without 4, so are 5 to 19.
      expect(await insideOfRecords(records.toSpliced(placeOf(4), 1))).toMatchObject({
        decompressed: 73 - 16,
        lost: 19 + 15,
        unreadable: 0,
      });
    });
  });

  it('a sender that agreed on stateless encryption and does otherwise', async () => {
    const file = readFileSync(join(captures, '02-mschapv2-mppe128-stateful-server.pcap'));
    const option = Buffer.from('120600000040', 'hex');
    // CCP's option MPPE, in both requests and acknowledgments: RFC 3078 §2, bit H.
    for (let at = file.indexOf(option); at >= 0; at = file.indexOf(option, at)) file[at + 2] = 0x01;
    const path = join(folder, 'otherwise.pcap');
    writeFileSync(path, file);
    expect(await insideOf(path, '--password', 'Sw0rdfish!')).toMatchObject([
      { stateless: true, packets: { decrypted: 19, lost: 0, unreadable: 0 } },
    ]);
  });

  /** Records of sample 01, changed. */
  const changed = (name: string, change: (records: Uint8Array[]) => Uint8Array[]): string => {
    const { header, records } = recordsOf(readFileSync(session));
    const path = join(folder, name);
    writeFileSync(path, joined([header, ...change(records)]));
    return path;
  };

  it.each([
    ['GRE alone', () => changed('gre.pcap', (records) => records.filter(isGre)), 17],
    [
      'a packet with a number far from all others',
      () =>
        changed('stray.pcap', (records) => {
          // MPPE's packet with the count 5.
          const at = records.findIndex((record) => Buffer.from(record).includes(Buffer.from('fd9005', 'hex')));
          const stray = Uint8Array.from(records[at] ?? []);
          // Behind record, Ethernet and IP: flags, protocol, length, Call ID, sequence number.
          new DataView(stray.buffer).setUint32(16 + 14 + 20 + 8, 2_000_000);
          return records.toSpliced(at, 0, stray);
        }),
      18,
    ],
    ['frames in another order', () => join(captures, '50-variant-time-shuffled.pcap'), 17],
  ])('%s', async (_, file, decrypted) => {
    const [inside] = await insideOf(file(), '--password', 'Sw0rdfish!');
    expect(inside).toMatchObject({ user: 'alice', packets: { decrypted } });
    expect(inside?.packets).toMatchObject({ lost: 0, late: 0, unreadable: 0 });
  });

  it('packets that are no IP, one of them damaged', async () => {
    let damaged = false;
    const path = changed('ipx.pcap', (records) =>
      records.map((record) => {
        // Protocol 0x00fd, compressed, and a count below 256 with the bits A and D.
        const at = Buffer.from(record).indexOf(Buffer.from('fd90', 'hex'));
        if (!isGre(record) || at < 0) return record;
        const other = Uint8Array.from(record);
        // RC4 is an exclusive or: 0x0021, which is IP, becomes 0x002b, which is IPX.
        other[at + 4] = (other[at + 4] ?? 0) ^ 0x21 ^ 0x2b;
        // No network protocol has an odd first octet. RFC 1661 §2
        if (!damaged) other[at + 3] = (other[at + 3] ?? 0) ^ 0xff;
        damaged = true;
        return other;
      }),
    );
    const [inside] = await insideOf(path, '--password', 'Sw0rdfish!');
    expect(inside?.packets).toMatchObject({ decrypted: 16, unreadable: 1, lost: 0, late: 0 });
  });

  it('a password that the server refused gives no keys', async () => {
    const path = join(captures, '09-mschapv2-wrong-password-client.pcap');
    expect(await insideOf(path, '--password', 'swordfish')).toMatchObject([{ user: 'alice', confirmedByFrame: null }]);
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffSw0rdfish!\r\n', 'utf8'), 17],
    ['UTF-16', Buffer.from('\ufeffSw0rdfish!\r\n', 'utf16le'), 17],
    ['Latin-1', Buffer.from('Sw\xf6rdfish!\n', 'latin1'), null],
  ])('a file of passwords in %s', async (_, octets, frame) => {
    const path = join(folder, 'encoded.txt');
    writeFileSync(path, octets);
    if (frame !== null) {
      expect(await insideOf(session, '--password-file', path)).toMatchObject([{ confirmedByFrame: frame }]);
      return;
    }
    const { status, err } = await pptpscope('decrypt', session, '-w', '-', '--password-file', path);
    expect([status, err]).toEqual([2, expect.stringContaining('encoded.txt: is not UTF-8')]);
  });

  it('each call has the password of its own user', async () => {
    const path = join(captures, '20-two-clients-nat-with-helper-inside.pcap');
    expect(await insideOf(path, '--password', 'Sw0rdfish!')).toMatchObject([
      { call: 'T1.1', user: 'alice', packets: { decrypted: 8, withoutKey: 0 } },
      { call: 'T2.1', user: 'bob', confirmedByFrame: null, packets: { decrypted: 0, withoutKey: 8 } },
    ]);
  });

  it('an NT hash does what its password does', async () => {
    const hash = '993566856c98027209a6c0c31ca5b921';
    const [byHash] = await insideOf(session, '--nt-hash', hash.toUpperCase());
    expect(byHash).toEqual((await insideOf(session, '--password', 'Sw0rdfish!'))[0]);
    expect(byHash).toMatchObject({ confirmedByFrame: 17, serverKnowsPassword: true });
  });

  it('packets in clear need no password', async () => {
    const [inside] = await insideOf(join(captures, '07-pap-clear-client.pcap'));
    expect(inside).toMatchObject({ user: 'alice', protocol: null, packets: { clear: 17, decrypted: 0 } });
  });
});

it('a call that goes on in the next file has one interface', async () => {
  const { header, records } = recordsOf(readFileSync(session));
  const parts = [records.slice(0, 50), records.slice(50)].map((some, index) => {
    const path = join(folder, `ring-${index}.pcap`);
    writeFileSync(path, joined([header, ...some]));
    return path;
  });
  const inner = join(folder, 'ring.pcapng');
  const { err } = await pptpscope('decrypt', ...parts, '-w', inner, '--password', 'Sw0rdfish!');
  expect(err).toContain('17 packets written to ');
  const names = readFileSync(inner, 'latin1').match(/T1\.1 of [^\0]*?\.pcap/g);
  expect(names).toEqual([`T1.1 of ${parts[0]}`]);
});

describe('passwords that take their time', () => {
  /** Each look at the clock finds it a second later. */
  async function told(stderr: { isTTY?: boolean; columns?: number }): Promise<string> {
    let milliseconds = 0;
    const now = (): number => {
      milliseconds += 1000;
      return milliseconds;
    };
    const io = recordedIo({ stderr, now });
    const capture = join(captures, '30-big-mixed-many-sessions-server.pcap');
    const words = ['decrypt', capture, '-w', join(folder, 'many'), '--force', '--password', 'Sw0rdfish!'];
    expect(await run(words, io, analyzeFiles)).toBe(0);
    return io.err();
  }

  it('are told of on a terminal', async () => {
    // The capture has seven calls; how many of these are drawn the terminal's pace tells.
    expect(await told({ isTTY: true, columns: 100 })).toMatch(/passwords tried on [1-7] of 7 calls/);
  });

  it('and nowhere else', async () => {
    expect(await told({})).not.toContain('passwords tried');
  });
});

describe('what is said', () => {
  const decrypt = (name: string, ...words: string[]) =>
    pptpscope('decrypt', join(captures, name), '--force', '-w', join(folder, 'said'), ...words);

  it.each([
    [
      '01-mschapv2-mppe128-stateless-client.pcap',
      ['--password', 'Sw0rdfish!'],
      `T1.1, "alice", MS-CHAPv2, password confirmed by frame 17; the server's S= fits it too
  MPPE 128 bits, stateless: 17 packets decrypted
`,
    ],
    [
      '01-mschapv2-mppe128-stateless-client.pcap',
      ['--password', 'wrong'],
      `T1.1, "alice", MS-CHAPv2, no password fits
  MPPE 128 bits, stateless: 17 not decrypted
`,
    ],
    [
      '01-mschapv2-mppe128-stateless-client.pcap',
      [],
      `T1.1, "alice", MS-CHAPv2, no password given
  MPPE 128 bits, stateless: 17 not decrypted
`,
    ],
    [
      '53-one-direction-only-capture-client-to-server.pcap',
      ['--password', 'Sw0rdfish!'],
      `T1.1, "alice", MS-CHAPv2, challenge and response are not both in the capture
  MPPE 128 bits, stateless: 10 not decrypted
`,
    ],
    [
      '08c-eap-tls-mppe128-server.pcap',
      ['--password', 'Sw0rdfish!'],
      `T1.1, "tlsclient", EAP-TLS, which gives no keys that a password opens
  MPPE 128 bits, stateless: 17 not decrypted
`,
    ],
    [
      '24b-gre-only-mid-session-client.pcap',
      [],
      `T1.1, no user, its authentication is not in the capture
  MPPE, stateless: 17 not decrypted
`,
    ],
    ['16-tcp1723-closed-rst-client.pcap', [], 'No network packets in the captures.\n'],
  ])('%s with %j', async (name, words, text) => {
    expect(await decrypt(name, ...words)).toMatchObject({ status: 0, out: text });
  });

  it('never the password', async () => {
    const { out, err } = await decrypt('01-mschapv2-mppe128-stateless-client.pcap', '--password', 'Sw0rdfish!');
    expect(out + err).not.toContain('Sw0rdfish');
    expect(readFileSync(join(folder, 'said')).includes('Sw0rdfish')).toBe(false);
  });

  it('to standard error where the packets go to standard output', async () => {
    const { out, err } = await pptpscope('decrypt', session, '-w', '-', '--password', 'Sw0rdfish!');
    expect(out.startsWith('\n\r\r\n')).toBe(true);
    expect(err).toContain('17 packets decrypted');
  });

  it('never over the file of passwords', async () => {
    const words = ['-w', passwordFile, '--force', '--password-file', passwordFile];
    const { status } = await pptpscope('decrypt', session, ...words);
    expect(status).toBe(2);
    expect(readFileSync(passwordFile, 'utf8')).toContain('Sw0rdfish!');
  });

  it.each([
    ['no output', [session], /required option '-w, --write <file>' not specified/],
    ['a hash of another length', [session, '-w', 'x', '--nt-hash', '1234'], /An NT hash has 32 hexadecimal digits/],
    ['no such file of passwords', [session, '-w', 'x', '--password-file', '/nowhere'], /\/nowhere: no such file/],
    [
      'two things for standard output',
      [session, '-w', '-', '--format', 'json'],
      /for --format json, write it to a file/,
    ],
    ['no such capture', ['/nowhere.pcap', '-w', '-'], /\/nowhere\.pcap: no such file/],
  ])('%s', async (_, words, message) => {
    const { status, err } = await pptpscope('decrypt', ...words);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});
