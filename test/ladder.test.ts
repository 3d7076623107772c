/** What the first screen says of a capture: the headline, the ladder and the cause have to agree, and say no more than it shows. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Stage, StageName } from '../src/findings/stage.ts';
import type { Report } from '../src/report/contract.ts';
import { markdownReport } from '../src/report/markdown.ts';
import { plainPalette, textReport } from '../src/report/text.ts';
import { reportOf } from './support/analysis.ts';
import { pcapFile } from './support/captures.ts';
import { resetsAnswer } from './support/causes/connection.ts';
import { addressOf, isGre, letters, only, together } from './support/causes/scenario.ts';
import {
  callClearRequest,
  callDisconnectNotify,
  echoReply,
  echoRequest,
  octets,
  outgoingCallReply,
  outgoingCallRequest,
  pppControl,
  stopControlConnectionRequest,
  tcpFlags,
  u16,
} from './support/packets.ts';
import {
  ccpProtocol,
  chapProtocol,
  ipAddress,
  ipcpProtocol,
  lcpProtocol,
  mppe,
  msChapV2,
  Scene,
  userData,
  windowsReason,
} from './support/scene.ts';
import type { SessionFrame } from './support/session.ts';

const strong = 0x0100_0040;

const reported = (of: { file(): Uint8Array }): Report => reportOf(of.file());

/** What stands behind the addresses of a tunnel, in text and in Markdown, which are the same. */
function headline(report: Report, id = 'T1'): string {
  const options = { width: 400, palette: plainPalette, time: 'utc', verbose: false } as const;
  const lines = [...textReport(report, options)].join('').split('\n');
  const found = lines.find((line) => line.includes(` ${id}  `)) ?? '';
  const text = found.slice(found.indexOf('   ') + 3);
  expect([...markdownReport(report)].join('').replaceAll('\\', '')).toContain(
    id.includes('.') ? `${id}: ${text}\n` : `**${text}**`,
  );
  return `${found[0]} ${text}`;
}

function rung(report: Report, name: StageName, place = 0): Pick<Stage, 'status' | 'detail'> {
  const tunnel = report.tunnels[place];
  const found = (tunnel?.calls[0]?.stages ?? tunnel?.stages)?.find(({ stage }) => stage === name);
  if (found === undefined) throw new Error(`no rung ${name}`);
  return { status: found.status, detail: found.detail };
}

const failed = ({ tunnels }: Report): string[] =>
  tunnels.flatMap(({ stages, calls }) =>
    [...(stages ?? []), ...calls.flatMap((call) => call.stages)].flatMap(({ stage, status }) =>
      status === 'failed' ? stage : [],
    ),
  );

/** A PPP control packet, by its place behind the GRE header. */
function isPpp({ octets }: SessionFrame, protocol: number, code: number, from: string): boolean {
  const frame = { octets, seconds: 0, fraction: 0 };
  if (!isGre(frame) || addressOf(frame) !== from) return false;
  // Behind Ethernet and IP: flags, type, length, Call ID; sequence number; acknowledgment where the A bit is set.
  const at = 34 + 12 + (((octets[35] ?? 0) & 0x80) === 0 ? 0 : 4) + 2;
  return octets[at] === protocol >> 8 && octets[at + 1] === (protocol & 0xff) && octets[at + 2] === code;
}

const without = (one: Scene, drop: (frame: SessionFrame) => boolean): Scene => only(one, (frame) => !drop(frame));
const upTo = (one: Scene, frames: number): Scene => only(one, (_, index) => index < frames);
const from = (one: Scene, frame: number): Scene => only(one, (_, index) => index >= frame);

/** All frames cut to that many octets. */
const cut = (one: Scene, octets: number): { file(): Uint8Array } => ({
  file: () =>
    pcapFile(
      one
        .records()
        .map((record) => ({ ...record, wireLength: record.octets.length, octets: record.octets.slice(0, octets) })),
    ),
});

describe('encryption that is agreed', () => {
  const beside = (protocol: number): Report => {
    const one = new Scene().up(strong).encrypted('client', 0).encrypted('server', 0);
    one.gre('server', octets([0xff, 3], u16(protocol), new Uint8Array(40)));
    return reported(one.encrypted('client', 1).encrypted('server', 1).terminate('client').hangUp());
  };

  test('is passed where what is in clear is of protocols that MPPE does not encrypt (RFC 3078 §3)', () => {
    const { status, detail } = rung(beside(0x0207), 'encryption');
    expect([status, detail]).toEqual(['passed', 'MPPE 128 bit, stateless; 4 packets']);
  });

  test('is not where IPv4 is in clear', () => {
    const { status, detail } = rung(beside(0x0021), 'encryption');
    expect([status, detail]).toEqual(['partial', 'MPPE 128 bit, stateless; 4 packets; 1 in clear']);
  });

  test('as stateless, and packets lack bit A: the standard does not allow it (RFC 3078 §3)', () => {
    const one = new Scene().up(strong).encrypted('client', 0);
    one.gre('server', octets([0xff, 3], u16(0x00fd), u16(0x1000), new Uint8Array(40)));
    const [call] = reported(one.terminate('client').hangUp()).tunnels[0]?.calls ?? [];
    expect(call?.anomalies).toMatchObject([
      { code: 'mppe-not-flushed', message: 'MPPE is stateless, and bit A is missing in 1 packet of the server' },
    ]);
  });
});

test('authentication that was refused and then left out of LCP is where a link stopped that ended over it', () => {
  // pppd's log of the session: "peer refused to authenticate"; CCP and IPCP had begun, for LCP had opened.
  const file = new URL('../captures/11-auth-protocol-mismatch-client-pap-only-server.pcap', import.meta.url);
  const report = reportOf(readFileSync(file));
  expect(headline(report)).toBe('✗ VPN did not come up: stopped at authentication');
  expect(rung(report, 'lcp').detail).toBe('MRU 1500/1500; no authentication agreed; ended by the server');
  expect(rung(report, 'authentication')).toEqual({
    status: 'failed',
    detail: 'the client refused MS-CHAPv2, which the server demanded',
  });
});

test('authentication stopped where the proof was refused that one end demanded, though the other asks for its own', () => {
  // As pppd with `auth` on the client meets pptpd: the challenge crosses the client's "peer refused to authenticate".
  const method = octets(msChapV2);
  const one = new Scene().dial().agree(lcpProtocol, 'server', method).refuse(lcpProtocol, 'client', method, 4);
  one.agree(lcpProtocol, 'client', new Uint8Array(0));
  one.ppp('client', lcpProtocol, 5, 9, octets(letters('peer refused to authenticate')));
  const report = reported(one.ppp('server', chapProtocol, 1, 1, octets([16], new Uint8Array(16))).hangUp());
  expect(headline(report)).toBe('✗ VPN did not come up: stopped at authentication');
  expect(rung(report, 'authentication').detail).toBe('the server refused MS-CHAPv2, which the client demanded');
});

test('TCP is not connected where the SYN is answered after 7 s and the client, which has given up, resets that', () => {
  // Of a session over a line of 3.5 s each way: pptp says "connect: No route to host" before the SYN-ACK comes.
  const report = reported(resetsAnswer({}, 7));
  expect(report.diagnoses.map(({ cause, confidence }) => [cause, confidence])).toEqual([['tcp-no-answer', 'likely']]);
  expect(rung(report, 'tcp')).toEqual({ status: 'failed', detail: 'SYN-ACK, which the client resets: too late' });
});

test.each(['client', 'server'] as const)(
  'what only the %s says of a VPN that came up and carried no data is not decided',
  (side) => {
    // RFC 1661 §4.2: a protocol opens where an acknowledgment was sent and one was received; of these one is missing.
    const one = new Scene().up(strong).wait(20).terminate('client').hangUp();
    const report = reported(only(one, (frame) => addressOf(frame) === one.writer[side]));
    expect(headline(report)).toBe('… undecided: the capture does not show how it went on');
    expect(failed(report)).toEqual([]);
    const other = side === 'client' ? 'server' : 'client';
    expect(rung(report, 'network')).toEqual({
      status: 'partial',
      detail: `the ${other}'s side is not in the capture: it may have opened`,
    });
  },
);

describe('encryption that is refused', () => {
  const refused = (): Scene => {
    const one = new Scene().dial().lcp().authenticate();
    return one.refuse(ccpProtocol, 'client', mppe(strong), 4).ipcp();
  };
  const rules = ({ findings }: Report): string[] => findings.map(({ rule }) => rule);

  test('of a link that ends because of it: nothing went in clear', () => {
    const report = reported(refused().terminate('client', windowsReason(742)).hangUp());
    expect(rung(report, 'encryption')).toEqual({ status: 'failed', detail: 'CCP did not open' });
    expect(rung(report, 'data').status).toBe('not-seen');
    expect(rules(report)).not.toContain('encryption-refused');
  });

  test('of a link that carries data: it went in clear', () => {
    const report = reported(refused().talk(2).terminate('client').hangUp());
    expect(rung(report, 'encryption')).toEqual({ status: 'skipped', detail: 'CCP did not open; user data in clear' });
    expect(rules(report)).toContain('encryption-refused');
  });

  test('of a link that goes on without data: it went on', () => {
    expect(rules(reported(refused()))).toContain('encryption-refused');
  });
});

describe('how long it was up', () => {
  // RFC 2637 §2.5, §2.6: an end that answers has not lost the control connection; a call lives until somebody clears it (§2.12, §2.13).
  const echoes = (one: Scene, times: number, answered = true): Scene => {
    for (let index = 0; index < times; index += 1) {
      one.wait(59).writer.message('server', echoRequest(index));
      if (!answered) continue;
      one.wait(1).writer.message('client', echoReply(index));
      one.writer.segment('server', tcpFlags.ack);
    }
    return one;
  };

  test('as long as both ends go on with the control connection, though nothing goes through the tunnel', () => {
    expect(headline(reported(echoes(new Scene().up(), 10)))).toMatch(
      /came up for 10 min 0 s, its end is not in the capture$/,
    );
  });

  test('as long as that, and then to the last packet of the tunnel', () => {
    const later = echoes(new Scene().up(), 2).wait(30).talk(1);
    expect(headline(reported(later))).toMatch(/came up for 2 min 30 s, /);
  });

  test('no longer than the end that was heard for the shorter time: the other asks in vain', () => {
    const gone = echoes(echoes(new Scene().up(), 5), 4, false);
    expect(headline(reported(gone))).toMatch(/came up for 5 min 0 s, /);
  });

  test.each([
    ['its Call-Clear-Request', (one: Scene) => one.hangUp()],
    ['a FIN', (one: Scene) => one.close('client')],
    ['a RST', (one: Scene) => one.reset('client')],
    [
      'a Stop-Control-Connection-Request',
      (one: Scene) => void one.writer.message('client', stopControlConnectionRequest(3)),
    ],
  ])('to %s, without user data', (_what, ends) => {
    const one = echoes(new Scene().up(), 3);
    ends(one.wait(20));
    expect(headline(reported(one))).toMatch(/came up for 3 min 20 s, ended by .*client/);
  });

  test('to the first Terminate-Request, of several that nobody answers', () => {
    const one = new Scene().up().talk(1).wait(10);
    for (let index = 0; index < 10; index += 1) one.gre('server', pppControl(lcpProtocol, 5, 9, octets())).wait(3);
    expect(headline(reported(one))).toMatch(/came up for 10\.\d s, ended by the server/);
  });
});

describe('calls after one another on one control connection', () => {
  /** A call that is dialled anew with these Call IDs: what each end counts begins at 0 again. RFC 2637 §4.4 */
  const redial = (one: Scene, client: number, server: number): Scene => {
    one.countAnew('client').countAnew('server');
    one.callIds.client = client;
    one.callIds.server = server;
    one.writer.message('client', outgoingCallRequest(client));
    one.writer.message('server', outgoingCallReply(server, client));
    return one.lcp().challenge();
  };
  const ended = (one: Scene, client: number, server: number, notified = true): Scene => {
    one.writer.message('client', callClearRequest(client));
    if (notified) one.writer.message('server', callDisconnectNotify(server));
    return one;
  };
  const counts = (report: Report): unknown =>
    report.tunnels.map(({ calls }) =>
      calls.map(
        ({
          gre: { clientToServer: up, serverToClient: down },
          lcp,
          authentication,
          network,
          clearRequestFrame,
          disconnect,
        }) => ({
          packets: [up.packets, down.packets],
          lost: [up.lost, down.lost, up.restarts, down.restarts],
          requests: lcp.configureRequests,
          users: authentication.map(({ user }) => user),
          address: network.clientAddress,
          ended: [clearRequestFrame !== null, disconnect !== null],
        }),
      ),
    );
  const requests = { client: 1, server: 1 };
  // Of the scenes: LCP two packets each; CHAP one up and two down; IPCP three each; three of user data each.
  const first = { packets: [9, 10], lost: [0, 0, 0, 0], requests, users: ['alice'], address: '10.0.0.50' };
  const second = { packets: [7, 8], lost: [0, 0, 0, 0], requests, users: ['bob'], address: '10.0.0.50' };

  test.each([
    ['other Call IDs', 5, 78],
    ['the same Call IDs', 0, 77],
    ["the client's again", 0, 78],
    ["the server's again", 5, 77],
  ])('with %s, after the first was ended', (_what, client, server) => {
    const one = ended(new Scene().up().talk(3), 0, 77).wait(100);
    redial(one, client, server).response('bob').success().ipcp().wait(1).talk(1);
    const report = reported(ended(one, client, server).close('client'));
    expect(counts(report)).toEqual([
      [
        { ...first, ended: [true, true] },
        { ...second, ended: [true, true] },
      ],
    ]);
    expect(headline(report, 'T1.1')).toMatch(/^✓ VPN came up for 1\d\d ms, ended by the client$/);
    expect(headline(report, 'T1.2')).toMatch(/^✓ VPN came up for 1\.\d s, ended by the client$/);
    expect(failed(report)).toEqual([]);
  });

  test('with the same Call IDs: the end of the second is not that of the first, which was not told of', () => {
    const one = ended(new Scene().up().talk(3), 0, 77, false).wait(100);
    redial(one, 0, 77).response('bob').success().ipcp().wait(1).talk(1);
    const report = reported(ended(one, 0, 77).close('client'));
    expect(counts(report)).toEqual([
      [
        { ...first, ended: [true, false] },
        { ...second, ended: [true, true] },
      ],
    ]);
  });

  test.each([
    ['both', 0, 77],
    ["the client's", 0, 78],
    ["the server's", 5, 77],
  ])(
    'with the same Call IDs (%s): a call that nobody ended is over where they go to another',
    (_what, client, server) => {
      const one = new Scene().up().talk(3).wait(100);
      redial(one, client, server).response('bob').success().ipcp().wait(1).talk(1);
      const report = reported(ended(one, client, server).close('client'));
      expect(counts(report)).toEqual([
        [
          { ...first, ended: [false, false] },
          { ...second, ended: [true, true] },
        ],
      ]);
      expect(headline(report, 'T1.1')).toMatch(
        /^✓ VPN came up for 1 min 40 s, ended without a word: another call has its Call ID$/,
      );
      expect(headline(report, 'T1.2')).toMatch(/ended by the client$/);
    },
  );

  test('with the same Call IDs: the second fails, and the first keeps what it had', () => {
    const one = ended(new Scene().up().talk(3), 0, 77).wait(100);
    redial(one, 0, 77).response('bob').failure('E=691 R=0').terminate('server');
    const report = reported(ended(one, 0, 77).close('client'));
    expect(headline(report, 'T1.1')).toMatch(/^✓ VPN came up for 1\d\d ms, /);
    expect(headline(report, 'T1.2')).toMatch(/^✗ VPN did not come up: stopped at authentication$/);
    expect(report.diagnoses.map(({ call, cause }) => [call, cause])).toEqual([['T1.2', 'wrong-credentials']]);
  });
});

describe('who ended it', () => {
  test('the server, by its Stop-Control-Connection-Request, though the client closes TCP', () => {
    const one = new Scene().up(strong).talk(3);
    one.writer.message('server', stopControlConnectionRequest(3));
    expect(headline(reported(one.close('client')))).toMatch(/VPN came up .*, ended by the server$/);
  });

  test('a box on the way, where the time to live of the RST is that of none of the ends', () => {
    // The router between the two was made to reset the connection: see the manifest of the samples. IPCP opened at 1.184 s, the RST
    // came at 6.045 s (tshark), and the tunnel was idle before it.
    const file = new URL('../captures/23e-firewall-tcp-reset-mid-session-client.pcap', import.meta.url);
    const report = reportOf(new Uint8Array(readFileSync(file)));
    expect(report.diagnoses.map(({ cause }) => cause)).toEqual(['control-reset']);
    expect(headline(report)).toMatch(/VPN came up for 4\.9 s, ended by a box on the way, in the server's name$/);
  });

  test('whoever it was, with a RST that nothing tells from the server', () => {
    const reset = reported(new Scene().up(strong).talk(3).wait(5).reset('server'));
    expect(headline(reset)).toMatch(/^! .*ended by a RST from the server's address$/);
    const closed = reported(new Scene().up(strong).talk(3).wait(5).close('server'));
    expect(headline(closed)).toMatch(/^! .*ended by the server, but the control connection is closed without/);
  });

  test('nobody knows where the only side that was captured merely answers', () => {
    const one = new Scene({ vantage: 'server' }).up(strong).talk(3).terminate('client').hangUp();
    const report = reported(only(one, (frame) => addressOf(frame) === one.writer.server));
    expect(headline(report)).toMatch(/^✓ VPN came up.*, who ended it is not in the capture$/);
  });

  test('nor where the capture begins in the middle of it', () => {
    const one = new Scene({ vantage: 'server' }).up(strong).talk(2);
    const middle = one.frames.length;
    one.talk(3).terminate('client').hangUp();
    const report = reported(only(one, (frame, index) => index >= middle && addressOf(frame) === one.writer.server));
    expect(headline(report)).toMatch(/^✓ VPN came up.*, who ended it is not in the capture$/);
  });

  test('the only side that was captured, by its Terminate-Request', () => {
    const one = new Scene().up(strong).talk(3).terminate('client').hangUp();
    const report = reported(only(one, (frame) => addressOf(frame) === one.writer.client));
    expect(headline(report)).toContain('ended by the client');
  });
});

describe('a call that ended, and of which no GRE is in the capture', () => {
  const ended = (seconds: number): Report => {
    const one = new Scene({ vantage: 'client' }).dial().wait(seconds).hangUp();
    return reported(one);
  };

  // A filter may have left GRE out: whether it came up is not in the capture.
  test.each([0.5, 20])('%s s after it was accepted: headline and outcome leave it open alike', (seconds) => {
    const report = ended(seconds);
    expect(report.diagnoses[0]?.cause).toBe('capture-incomplete');
    expect(report.tunnels[0]?.calls[0]?.outcome).toBe('unfinished');
    expect(headline(report)).toMatch(/^… undecided/);
  });

  test('is not one whose GRE is there and is not answered: that failed', () => {
    const one = new Scene({ vantage: 'client' }).dial();
    one.arrives.client = false;
    const report = reported(one.lcpInVain(6, 3).hangUp());
    expect(report.tunnels[0]?.calls[0]?.outcome).toBe('failed');
    expect(headline(report)).toMatch(/^✗ VPN did not come up/);
  });
});

describe('a capture that starts late', () => {
  const whole = (): Scene => {
    const one = new Scene({ clientCallId: 17_185, serverCallId: 4352 }).up(strong);
    for (let count = 0; count < 4; count += 1) one.encrypted('client', count).encrypted('server', count);
    return one.terminate('client').hangUp();
  };

  // Handshake, control connection and call are 7 frames.
  test('behind the call: what is known of user and encryption is not said to be missing', () => {
    const report = reported(from(whole(), 7));
    expect(rung(report, 'authentication').detail).toContain('user alice');
    expect(rung(report, 'encryption').detail).toContain('MPPE 128 bit');
    expect(report.diagnoses[0]?.summary).toBe(
      'The capture starts while the call is being set up: the call request is not in it. Its end (LCP Terminate-Request) was an ordinary one.',
    );
  });

  test('of a call of which the goodbye alone is there, that does not say that it was up', () => {
    const one = new Scene().up().talk(3).terminate('client');
    const end = one.frames.length;
    const { diagnoses } = reported(from(one.hangUp(), end));
    expect(diagnoses.map(({ summary }) => summary)).toEqual([
      'The capture holds the end of the call alone (Call-Clear-Request): whether it had come up, and what ended it, is not in it.',
    ]);
  });

  test('the Call ID in GRE is that of the side that it goes to', () => {
    const { detail } = rung(reported(from(whole(), 7)), 'call');
    expect(detail).toContain('Call IDs client 17185, server 4352 (in GRE); set up before the capture');
  });

  test('behind authentication and CCP: both are not known', () => {
    const data = whole().frames.findIndex((frame) => isPpp(frame, 0x00fd, 0x90, '192.0.2.10'));
    const report = reported(from(whole(), data));
    expect(report.diagnoses[0]?.summary).toContain(
      'when the tunnel is already up: its setup is missing, so the strength of the encryption and the user are not known.',
    );
    expect(rung(report, 'network')).toEqual({ status: 'not-seen', detail: 'negotiated before the capture' });
  });

  test('with the end of the call: whether it had come up is undecided', () => {
    const report = reported(from(whole(), whole().frames.length - 7));
    expect(report.tunnels[0]?.calls[0]?.outcome).toBe('unfinished');
    expect(headline(report)).toMatch(/^… undecided/);
  });
});

describe('a capture that ends early', () => {
  test.each([
    ['the SYN', 1, 'tcp'],
    ['the handshake', 3, 'control'],
    ['the Start-Control-Connection-Request', 4, 'control'],
    ['the call request', 6, 'call'],
  ] as const)('behind %s: what lacks has not failed', (_what, frames, name) => {
    const report = reported(upTo(new Scene().up(), frames));
    expect(report.diagnoses.map(({ cause }) => cause)).toEqual(['capture-incomplete']);
    expect(headline(report)).toMatch(/^… undecided/);
    expect(rung(report, name).status).toBe('partial');
    expect(failed(report)).toEqual([]);
  });

  test.each([
    ['the SYN', 1, 'tcp', '✗ no VPN: nobody answered the TCP connection'],
    ['the Start-Control-Connection-Request', 4, 'control', '✗ no VPN: no answer to the Start-Control'],
    ['the call request', 6, 'call', '✗ VPN did not come up: stopped at call'],
  ] as const)('long behind %s: it has', (_what, frames, name, says) => {
    const later = new Scene({ client: '192.0.2.99', start: 1_700_000_020 }).up();
    const report = reported(together(upTo(new Scene().up(), frames), later));
    expect(headline(report)).toContain(says);
    expect(failed(report)).toEqual([name]);
  });

  test('behind addresses that were refused ever again: the cause is there, so it did not come up', () => {
    const one = new Scene().dial().lcp().authenticate().ccp();
    for (let identifier = 1; identifier <= 12; identifier += 1) {
      const asked = Uint8Array.of(3, 6, 10, 99, 99, 99);
      one.ppp('client', ipcpProtocol, 1, identifier, asked);
      one.ppp('server', ipcpProtocol, 3, identifier, Uint8Array.of(3, 6, 10, 0, 0, 50));
    }
    const report = reported(one);
    expect(report.diagnoses[0]?.cause).toBe('address-refused');
    expect(headline(report)).toBe('✗ VPN did not come up: stopped at network');
  });
});

describe('a negotiation of which the capture lacks a part', () => {
  const client = '192.0.2.10';
  const server = '198.51.100.1';
  const whole = (): Scene => new Scene().up().talk(3).terminate('client').hangUp();

  test.each([
    ["the client's Configure-Ack", client, 'MRU 1500/?'],
    ["the server's Configure-Ack", server, 'MRU ?/1500'],
  ])('LCP without %s: what is known of it is said', (_what, sender, mru) => {
    const report = reported(without(whole(), (frame) => isPpp(frame, lcpProtocol, 2, sender)));
    expect(rung(report, 'lcp')).toEqual({
      status: 'passed',
      detail: `open; part of its negotiation is not in the capture; ${mru}; server demands MS-CHAPv2; ended by the client`,
    });
  });

  test('IPCP without the Ack of an address: that was not seen', () => {
    const report = reported(without(whole(), (frame) => isPpp(frame, ipcpProtocol, 2, server)));
    expect(rung(report, 'network').detail).toBe('client address not seen ↔ 10.0.0.1');
  });

  test('IPCP with the Ack of no address: there is none', () => {
    const one = new Scene()
      .dial()
      .lcp()
      .authenticate()
      .agree(ipcpProtocol, 'server', Uint8Array.of(3, 6, 10, 0, 0, 1));
    const report = reported(one.agree(ipcpProtocol, 'client', Uint8Array.of(3, 6, 0, 0, 0, 0)));
    expect(rung(report, 'network').detail).toBe('no client address ↔ 10.0.0.1');
  });

  test('no IPCP at all, though the call request is there', () => {
    const report = reported(
      without(whole(), (frame) =>
        [client, server].some((side) => [1, 2, 3].some((code) => isPpp(frame, ipcpProtocol, code, side))),
      ),
    );
    expect(rung(report, 'network')).toEqual({ status: 'not-seen', detail: 'its negotiation is not in the capture' });
  });

  test('no IPCP, as on the second link of a bundle', () => {
    const file = readFileSync(new URL('../captures/26d-multilink-two-links-server.pcap', import.meta.url));
    const report = reportOf(new Uint8Array(file));
    expect(rung(report, 'network', 1)).toEqual({ status: 'not-seen', detail: "negotiated on the bundle's first link" });
  });
});

describe('two clients behind a NAT that use one Call ID', () => {
  test("what the server sends to one is no sign that the other's link is up", () => {
    const nat = { vantage: 'server', client: '203.0.113.50', clientCallId: 16_384 } as const;
    const first = new Scene({ ...nat, clientPort: 40_001, serverCallId: 1 }).up(strong);
    const second = new Scene({ ...nat, clientPort: 40_002, serverCallId: 2, start: 1_700_000_005 }).dial();
    first.wait(5);
    for (let round = 0; round < 10; round += 1) {
      second.gre('client', pppControl(lcpProtocol, 1, round, second.lcpOptions('client')), 'behind');
      second.gre('server', pppControl(lcpProtocol, 1, round, second.lcpOptions('server')), 'behind').wait(1);
      first.encrypted('client', round).encrypted('server', round).wait(1);
    }
    const report = reported(together(first, second.hangUp()));
    const [up, down] = report.tunnels.map(({ calls }) => calls[0]);
    // It did get the other's packets: their numbers cannot tell.
    expect(down?.anomalies.map(({ code }) => code)).toEqual(['data-of-another-link']);
    expect(down?.gre.serverToClient.userBytes).toBe(0);
    expect([up?.outcome, down?.outcome]).toEqual(['established', 'failed']);
    expect(report.diagnoses.map(({ cause }) => cause)).toEqual(['nat-without-helper', 'nat-without-helper']);
    expect(headline(report, 'T2')).toBe('✗ VPN did not come up: stopped at lcp');
    expect(down?.stages.slice(5).map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'not-seen'));
  });
});

describe('octets of the control connection that are missing', () => {
  test('the names that the snap length cut are not seen', () => {
    // 54 octets of headers, of the message 64: the host name ends behind 92, where the vendor's begins.
    const { detail } = rung(reported(cut(new Scene().up().talk(3).hangUp(), 118)), 'control');
    expect(detail).toBe('client vendor not seen fw 1, server vendor not seen fw 1');
  });

  const evidence = (report: Report): unknown => report.diagnoses.map((found) => found.evidence);

  test('the frame that the snap length cut shows it', () => {
    const report = reported(cut(new Scene().up().talk(3).hangUp(), 54));
    expect(evidence(report)).toEqual([[{ frame: 4, text: 'a message that is cut' }]]);
  });

  test('the frame behind which they are missing shows it', () => {
    // The server's Start-Control-Connection-Reply is frame 5, its reply to the call would be frame 7.
    const report = reported(only(new Scene().up().talk(3).hangUp(), (_, index) => index !== 6));
    expect(evidence(report)).toEqual([[{ frame: 5, text: 'behind it octets are missing' }]]);
  });
});

describe('packets that are too large for the way', () => {
  const swallowed = (size: number): string => {
    const one = new Scene({ vantage: 'client' }).up().talk(5);
    for (let index = 0; index < 3; index += 1) one.gre('client', userData('client', size), 'behind').wait(0.5).talk(1);
    const [found] = reported(one.talk(3).terminate('client').hangUp()).diagnoses;
    expect(found?.cause).toBe('mtu-black-hole');
    return found?.advice ?? '';
  };

  test('are what the advised MTU would let through, where the way carries less than most', () => {
    // A router's link of 1280 octets that drops without a word: of an inner packet of 1300 octets 1340 went out
    // (20 of IP, 16 of GRE, 4 of PPP).
    expect(swallowed(1300)).toMatch(/^Lower the MTU of the VPN interface at both ends to less than 1280: /);
  });

  test('are told as ever, where it is an ordinary one', () => {
    expect(swallowed(1480)).toContain('at both ends (1400 or less)');
  });
});

describe('a Configure-Ack of CCP that is lost', () => {
  // pppd 2.4.9 with require-mppe on a way that loses 15 %: "rcvd [CCP ConfReq id=0x1]", "MPPE disabled", "sent [LCP TermReq]".
  const ended = (again: boolean, lost: boolean | 'behind'): Report => {
    const options = mppe(strong);
    const one = new Scene({ vantage: lost === 'behind' ? 'client' : 'server' }).dial().lcp().authenticate();
    one.ppp('server', ccpProtocol, 1, 1, options).ppp('client', ccpProtocol, 1, 1, options);
    one.gre('client', pppControl(ccpProtocol, 2, 1, options), lost).ppp('server', ccpProtocol, 2, 1, options);
    one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0')).wait(3);
    if (again) one.ppp('server', ccpProtocol, 1, 1, options);
    return reported(one.terminate('client', 'MPPE disabled').hangUp());
  };
  const causes = (report: Report): unknown[] => report.diagnoses.map(({ cause, stage }) => [cause, stage]);

  test.each([
    ['before the place of capture', true],
    ['behind it', 'behind'],
  ] as const)('%s: its sender ends the link when it is asked again, and nobody cancelled', (_where, lost) => {
    const report = ended(true, lost);
    expect(causes(report)[0]).toEqual(['packet-loss', 'encryption']);
    expect(report.diagnoses[0]?.summary).toContain('the server asks for CCP again');
  });

  test('where it is not asked again, the client may have hung up', () => {
    expect(causes(ended(false, true))).toEqual([['cancelled-by-client', 'network']]);
  });
});

describe('IPCP that opens without an address, cut to 70 octets', () => {
  // pppd 2.4.9 says so where it has no address: 14 octets of Ethernet, 20 of IP, 16 of GRE, 4 of PPP, 4 of IPCP, and 12 of its words.
  const ended = (text: string, answer: 3 | 4): Report => {
    const one = new Scene().dial().lcp().authenticate().ccp().agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
    one.refuse(ipcpProtocol, 'client', ipAddress('0.0.0.0'), answer, ipAddress('10.0.0.50'));
    one.agree(ipcpProtocol, 'client', answer === 4 ? octets() : ipAddress('10.0.0.50'));
    one.ppp('client', ipcpProtocol, 5, 9, octets(letters(text))).ppp('server', ipcpProtocol, 6, 9);
    return reported(cut(one.terminate('client', 'MPPE disabled').hangUp(), 70));
  };

  test('did not come up, though the words that say why are cut off', () => {
    const report = ended('Could not determine local IP address', 4);
    expect(report.tunnels[0]?.calls[0]?.evidence.ipcpTerminated?.text).toBe('Could not de…');
    expect(headline(report)).toBe('✗ VPN did not come up: the client gets no address');
  });

  test.each([
    ['User request of the client', 4],
    ['Could not determine local IP address', 3],
  ] as const)('came up, where it ends with "%s" and the address is answered with code %d', (text, answer) => {
    expect(headline(ended(text, answer))).toMatch(/^✓ VPN came up/);
  });
});

test('IPv6 is a VPN that came up, be there no IPv4', () => {
  const interfaces = (last: number) => octets([1, 10, 0, 0, 0, 0, 0, 0, 0, last]);
  const one = new Scene().dial().lcp().authenticate().agree(ipcpProtocol, 'server', ipAddress('10.0.0.1'));
  one.agree(0x8057, 'client', interfaces(1)).agree(0x8057, 'server', interfaces(2));
  one.refuse(ipcpProtocol, 'client', ipAddress('10.99.0.1'), 3, ipAddress('10.0.0.50'));
  one.agree(ipcpProtocol, 'client', new Uint8Array(0)).ppp('client', ipcpProtocol, 5, 9).talk(2);
  const report = reported(one.terminate('client').hangUp());
  expect(headline(report)).toMatch(
    /^! VPN came up.*, ended by the client, but the ends insist on different addresses$/,
  );
  expect(rung(report, 'network')).toEqual({ status: 'passed', detail: 'no client address ↔ 10.0.0.1, IPv6' });
});
