/**
 * The verdict over variations: for each cause its scenes, with other addresses, Call IDs, times, retry counts, places of
 * capture and with trouble on the way; and its near misses, scenes that look alike, differ in the fact that decides, and
 * must not get it. What decides a scene is not subject to trouble, or is sent again as TCP and PPP do.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Diagnoser } from '../src/findings/diagnoses/diagnose.ts';
import type { Diagnosis } from '../src/findings/diagnosis.ts';
import { type CauseId, causes } from '../src/findings/knowledge/causes.ts';
import { joined } from '../src/octets/joined.ts';
import { generalErrorNames, outgoingCallResultNames, startResultNames } from '../src/pptp/names.ts';
import { reportOf } from './support/analysis.ts';
import { PcapngBlocks, pcapFile } from './support/captures.ts';
import { captureScenes } from './support/causes/capture.ts';
import { connectionScenes } from './support/causes/connection.ts';
import { linkScenes } from './support/causes/link.ts';
import { runningScenes } from './support/causes/running.ts';
import {
  addressOf,
  type Built,
  type CauseScenes,
  letters,
  only,
  type Scenario,
  together,
  troubles,
  type Variation,
  variation,
} from './support/causes/scenario.ts';
import { tunnelScenes } from './support/causes/tunnel.ts';
import { echoRequest, enhancedGre, octets, outgoingCallRequest, pppControl, tcpFlags } from './support/packets.ts';
import { cut, recordsOf } from './support/records.ts';
import { capture, control, tunnel } from './support/reports.ts';
import {
  ccpProtocol,
  chapProtocol,
  ipAddress,
  ipcpProtocol,
  lcpProtocol,
  mppe,
  Scene,
  type SceneOptions,
  type Side,
  userData,
  windowsReason,
} from './support/scene.ts';
import { type SessionFrame, SessionWriter } from './support/session.ts';

/** The same cases at every run: what they find is to be mended, not met by chance. */
const seed = 20_261_121;

/** The compiler asks for an entry of each cause. */
const table: Record<CauseId, CauseScenes> = {
  ...connectionScenes,
  ...tunnelScenes,
  ...linkScenes,
  ...runningScenes,
  ...captureScenes,
};

const entries = Object.entries(table);

/** By the protocol of its IPv4 header, behind Ethernet. */
const isGre = ({ octets }: { readonly octets: Uint8Array }): boolean => octets[23] === 47;

function diagnosesOf(one: Built): Diagnosis[] {
  return reportOf(one.file()).diagnoses;
}

/** The scenario under other circumstances, and under the same with trouble on the way. */
function* variants(scenario: Scenario, options: Variation, places: readonly Place[]): Generator<Built> {
  const quiet = scenario.build(options);
  yield quiet;
  if (scenario.calm !== undefined || quiet.exposed === 0) return;
  const met = places.map(({ place, what }) => ({ packet: Math.floor(place * quiet.exposed), what }));
  yield scenario.build({ ...options, troubles: met });
}
type Place = typeof troubles extends fc.Arbitrary<(infer One)[]> ? One : never;

function holds(scenario: Scenario, runs: number): void {
  fc.assert(
    fc.property(variation, troubles, (options, places) => {
      for (const one of variants(scenario, options, places)) {
        expect(diagnosesOf(one).map(({ cause }) => cause)).toEqual(scenario.said);
      }
    }),
    { numRuns: runs, seed },
  );
}

describe.each(entries)('%s', (cause, { scenes, nearMisses }) => {
  test.each([...scenes])('$title', (scenario) => {
    expect(scenario.said).toContain(cause);
    holds(scenario, 12);
  });

  test.each([...nearMisses])('near miss: $title', (scenario) => {
    expect(scenario.said).not.toContain(cause);
    holds(scenario, 8);
  });
});

/** Causes of the knowledge that lack a scene or a near miss. */
function incomplete(known: readonly string[], scenes: Readonly<Record<string, CauseScenes>>): string[] {
  return known.filter((cause) => {
    const entry = scenes[cause];
    return (
      entry === undefined ||
      !entry.scenes.some(({ said }) => said.some((one) => one === cause)) ||
      !entry.nearMisses.some(({ said }) => !said.some((one) => one === cause))
    );
  });
}

describe('the table', () => {
  test('has a scene and a near miss for every cause', () => {
    expect(incomplete(Object.keys(causes), table)).toEqual([]);
    expect(Object.keys(table).sort()).toEqual(Object.keys(causes).sort());
  });

  test('would be found incomplete', () => {
    const { scenes, nearMisses } = table['tcp-refused'];
    const withScene = { 'tcp-refused': { scenes, nearMisses: [] } };
    const withMiss = { 'tcp-refused': { scenes: [], nearMisses } };
    expect(incomplete(['tcp-refused'], withScene)).toEqual(['tcp-refused']);
    expect(incomplete(['tcp-refused'], withMiss)).toEqual(['tcp-refused']);
    // What another cause gets is neither a scene nor, where it is the cause, a near miss.
    expect(incomplete(['tcp-refused'], { 'tcp-refused': { scenes: nearMisses, nearMisses } })).toEqual(['tcp-refused']);
    expect(incomplete(['tcp-refused'], { 'tcp-refused': { scenes, nearMisses: scenes } })).toEqual(['tcp-refused']);
    expect(incomplete(['tcp-refused', 'no-such'], table)).toEqual(['no-such']);
  });

  test('has every code with which a connection or a call is refused', () => {
    const titles = (cause: CauseId): string[] => table[cause].scenes.map(({ title }) => title);
    const codes = (names: object): number[] => Object.keys(names).map(Number);
    for (const [cause, names] of [
      ['control-refused', startResultNames],
      ['call-refused', outgoingCallResultNames],
    ] as const) {
      const others = codes(names).filter((code) => code > 2);
      expect(titles(cause)).toEqual(expect.arrayContaining(others.map((code) => `result ${code}`)));
      const errors = codes(generalErrorNames).filter((code) => code > 0);
      expect(titles(cause)).toEqual(expect.arrayContaining(errors.map((code) => `result 2, general error ${code}`)));
    }
    const failures = [646, 647, 648, 649, 691, 709];
    const all = entries.flatMap(([, { scenes }]) => scenes.map(({ title }) => title));
    expect(all).toEqual(expect.arrayContaining(failures.map((code) => `E=${code}`)));
  });
});

describe('what a diagnosis says', () => {
  test.each(entries)('%s: frames of the capture, and what to do', (_cause, { scenes, nearMisses }) => {
    fc.assert(
      fc.property(variation, troubles, fc.constantFrom(...scenes, ...nearMisses), (options, places, scenario) => {
        for (const one of variants(scenario, options, places)) {
          const report = reportOf(one.file());
          const frames = report.captures[0]?.frames ?? 0;
          for (const diagnosis of report.diagnoses) {
            expect(diagnosis.evidence.length).toBeGreaterThan(0);
            for (const { frame, text } of diagnosis.evidence) {
              expect(frame).toBeGreaterThanOrEqual(1);
              expect(frame).toBeLessThanOrEqual(frames);
              expect(text).not.toMatch(/null|undefined|NaN|\(\)/);
            }
            expect(diagnosis.summary).toMatch(/[.]$/);
            expect(diagnosis.summary).not.toMatch(/null|undefined|NaN|\(\)| {2}/);
            expect(diagnosis.advice).not.toBe('');
            expect(diagnosis.refutedBy).not.toBe('');
          }
        }
      }),
      { numRuns: 4, seed },
    );
  });

  test('the Windows number in the Terminate-Request comes first', () => {
    const one = new Scene().dial().lcp().authenticate().terminate('client', windowsReason(778)).hangUp();
    expect(diagnosesOf(one)[0]?.windowsErrors[0]).toBe(778);
  });

  test.each([
    ['control-refused', 'result 3', 'already'],
    ['control-refused', 'result 4', 'authori'],
    ['control-refused', 'result 5', 'version'],
    ['certificate-rejected', 'TLS alert 48, then EAP Failure', 'unknown_ca'],
    ['authentication-method-refused', 'EAP Nak, and a failure', 'the client wants ms-eap-authentication (ms-chap-v2)'],
    ['authentication-method-refused', 'EAP Nak of nothing, and a failure', 'no method at all'],
    ['capture-incomplete', 'cut by the snap length', 'snap length'],
    ['tcp-rejected-by-icmp', 'ICMP 3/13', '203.0.113.77'],
    ['no-call-requested', 'a scanner', 'nmap'],
    ['disconnected-by-server', 'Stop-Control-Connection-Request', 'reason 3, stop-local-shutdown'],
    ['disconnected-by-server', 'before a call is asked for', 'reason 2, stop-protocol'],
    ['disconnected-by-server', 'Call-Disconnect-Notify before the first packet', 'error 4 (no-resource)'],
    ['disconnected-by-server', 'Call-Disconnect-Notify with a general error', 'error 6 (pac-error), cause 41'],
    ['disconnected-by-server', 'after the client has ended IPV6CP', 'ended ipv6cp ("interface configuration failed")'],
    ['peer-vanished', "the server's address is the same inside and outside", 'which it has outside as well'],
    ['lcp-not-converging', 'the same option is countered again and again', '(refused: maximumreceiveunit)'],
    ['gre-blocked', 'the server sends GRE that is not of PPTP', 'gre packets of another kind'],
    ['control-echo-unanswered', 'TCP repeats it, and in the tunnel the server is heard', 'only the control connection'],
    [
      'lcp-echo-unanswered',
      'nothing of the server is acknowledged any more, and no echo is in the capture',
      'acknowledges none',
    ],
    ['gre-rejected-by-icmp', 'ICMP 11/0', 'goes in circles'],
    ['packet-loss', 'for a while all of both ends', 'nothing gets through, either way'],
    ['packet-loss', 'one of four, and for a while all of both ends', "of the client's tunnel packets are lost"],
    ['gre-rejected-by-icmp', "ICMP 3/2 from the server's address, from a box before it", 'nearer than the server'],
    ['control-reset', 'by three RSTs of a box on the way, before echoes that nobody answers', 'made up'],
    ['idle-timeout', 'the server is not heard any more, for the client has another address', '203.0.113.44 (t2)'],
    ['tcp-no-answer', 'the answer comes from another address, and a firewall drops it', 'does not take it'],
    ['control-reset', 'in answer to an Echo-Request, the first message for long', 'had forgotten the connection'],
    ['control-reset', 'after a while in which nothing of the server comes through the tunnel', 'packets in vain'],
    ['control-reset', 'in answer to the call request', 'right after the call request'],
    ['peer-vanished', 'the client goes on from another address', 'another address, 203.0.113.44 (t2)'],
    [
      'idle-timeout',
      'not heard any more in the tunnel after a silence, and on the control connection heard',
      'and not the control connection',
    ],
    ['gre-blocked', 'both are heard at first, seen from between', 'answered each other at first'],
    ['gre-blocked', 'both are heard at first, seen from between', 'lost behind it, in both directions'],
    ['gre-blocked', 'both are heard at first, and answers have identifiers of no request', 'identifier is that of no'],
    ['gre-blocked', 'a client behind a NAT, whose call before came up', 'came up before (t1)'],
    ['gre-rejected-by-icmp', 'ICMP 3/2 from the server itself', 'the service is down'],
    ['gre-rejected-by-icmp', "ICMP 3/2 from the server's address, and its GRE goes on", 'forward ip protocol 47'],
    ['wrong-credentials', 'EAP Failure of EAP-TLS', 'has no password'],
    ['server-not-authenticated', 'the client leaves right after Success', 'did not convince it'],
    [
      'server-not-authenticated',
      'the client leaves right after a Success without a proof',
      'no authenticator response',
    ],
    ['server-not-authenticated', 'the client leaves right after a Success without a space', 'not followed by a space'],
    [
      'server-not-authenticated',
      'the client leaves right after a Success with an octet before it',
      'does not stand first',
    ],
    ['server-not-authenticated', 'the client demands proof, and the server has no name for it', 'without a name'],
    ['server-not-authenticated', 'the client demands proof, and refuses it', '`noauth`'],
    ['mppe-keys-unavailable', 'PAP, and the client requires MPPE', 'pap gives no keys'],
    ['mppe-keys-unavailable', 'MS-CHAPv2, and the client cannot do MPPE', 'on the client: load'],
    [
      'mppe-keys-unavailable',
      'MS-CHAPv2, the server asks for MPPE, and the client cannot do it',
      'on the client: load',
    ],
    ['mppe-keys-unavailable', 'MS-CHAPv2 in both directions, and the client requires MPPE', 'let one end alone'],
    ['address-refused', 'again and again', 'allow its fixed address'],
    [
      'authentication-method-refused',
      'the client does not know the protocol that its LCP agreed to',
      'update the ppp of the client',
    ],
    ['no-network-protocol', 'IPCP is rejected', 'the server rejects ipcp'],
    ['lcp-not-converging', 'what is acknowledged is not what was asked for', 'which is no acknowledgment'],
    [
      'no-network-protocol',
      'the client asks again and again for a name server that it is told not to have',
      'primarydns',
    ],
    ['authentication-no-answer', 'no response', 'what the client shows its user'],
    ['authentication-no-answer', 'no challenge', "log of the server's ppp"],
    ['authentication-no-answer', 'EAP gets a name and nothing more', 'the server gives no verdict'],
    [
      'authentication-method-refused',
      'the client sends PAP where another method was agreed on',
      'update the ppp of the client',
    ],
    ['mppe-refused', 'what is countered would do, and is not taken', 'ask for 128 bit stateless alone'],
    [
      'authentication-no-answer',
      'the Success is lost behind the point of capture',
      'the client ends the link ("failed to authenticate ourselves to peer")',
    ],
    ['authentication-no-answer', 'the challenge comes again though it is answered', 'got none of the responses'],
    ['address-refused', "the client refuses the server's address", 'ipcp-accept-remote'],
  ] as const)('%s, %s: says %s', (cause, title, word) => {
    const [found] = diagnosesOf(built(cause, title));
    expect(`${found?.summary} ${found?.advice}`.toLowerCase()).toContain(word);
  });

  test('the number that the first GRE packet of a capture has is told where others went before', () => {
    const one = new Scene({ client: '192.0.2.10' }).dial();
    const lost = one.lcp().authenticate().talk(4).frames.splice(one.frames.findIndex(isGre));
    const [said] = diagnosesOf(one.terminate('client', 'MPPE disabled').hangUp());
    expect(said).toMatchObject({ cause: 'capture-incomplete', confidence: 'likely' });
    // Numbers begin at 0 (RFC 2637 §4.1), so the next one is how many there were. Octet 29 ends the source address.
    const before = lost.filter((frame) => isGre(frame) && frame.octets[29] === 10).length;
    expect(said?.summary).toMatch(new RegExp(`of the client there is none before sequence number ${before}\\.$`));
  });

  test('an address of IPv6 stands in brackets before its port', () => {
    const { tcp, ...rest } = control();
    const refused = tunnel({
      server: { address: '2001:db8::2', port: 1723 },
      control: { ...rest, tcp: { ...tcp, outcome: 'refused', closedBy: 'server' } },
      calls: [],
    });
    const diagnoser = new Diagnoser(capture(), 0);
    diagnoser.see(refused);
    expect(diagnoser.diagnosesOf(refused)[0]?.summary).toMatch(/^\[2001:db8::2\]:1723 refuses /);
  });

  test('each ICMP error is said to be of the box that it came from', () => {
    const boxes = ['203.0.113.77', '203.0.113.78'];
    const dialled = new Scene({});
    for (const box of boxes) {
      dialled.writer.segment('client', tcpFlags.syn, undefined, 1000);
      dialled.icmp(1, box, 'client').wait(1);
    }
    const said = diagnosesOf(dialled).find(({ cause }) => cause === 'tcp-rejected-by-icmp');
    expect(said?.evidence.slice(1).map(({ text }) => text.split(' ').at(-1))).toEqual(boxes);
  });

  test.each([
    ['gre-blocked-client-to-server', 'server'],
    ['gre-blocked-server-to-client', 'client'],
  ] as const)('%s: what arrives at the %s is dropped there, whatever is on the way', (cause, side) => {
    const [found] = diagnosesOf(built(cause, `at the ${side}, which takes nothing of what arrives`));
    expect(found).toMatchObject({ cause, confidence: 'likely', nextCapture: '' });
    expect(found?.summary).toContain(`the ${side} itself drops them`);
    expect(found?.advice).toContain(`On the ${side} itself`);
    expect(found?.refutedBy).not.toContain('capture');
  });

  test('a call whose acknowledgments do not arrive stops at LCP', () => {
    const one = built('gre-blocked-client-to-server', "the client's first packet alone arrives, seen from client");
    const call = reportOf(one.file()).tunnels[0]?.calls[0];
    expect(call).toMatchObject({ lcp: { outcome: 'failed', openedFrame: null } });
  });

  test.each([
    [0x80, 'Use MS-CHAPv2'],
    [0x81, 'load the kernel'],
  ])('where MPPE is not available after MS-CHAP with algorithm %i: %s', (algorithm, advice) => {
    const one = new Scene().dial().lcp([3, 5, 0xc2, 0x23, algorithm]).authenticate();
    const [found] = diagnosesOf(one.terminate('client', 'MPPE required but not available').hangUp());
    expect(found?.cause).toBe('mppe-keys-unavailable');
    expect(found?.advice).toContain(advice);
  });

  test('who answers without a name is not named', () => {
    const one = built('server-not-authenticated', 'the client demands proof, and the server has no name for it');
    const stages = reportOf(one.file()).tunnels[0]?.calls[0]?.stages ?? [];
    expect(stages.find(({ stage }) => stage === 'authentication')?.detail).toMatch(/by the client, refused/);
  });

  test('what is not forwarded to the server says nothing of its service', () => {
    const [found] = diagnosesOf(
      built('gre-rejected-by-icmp', "ICMP 3/2 from the server's address, and its GRE goes on"),
    );
    expect(`${found?.summary} ${found?.advice}`).not.toContain('service');
  });

  test('no option is to be compared where LCP hears itself', () => {
    const [found] = diagnosesOf(built('lcp-not-converging', 'a line that is looped back'));
    expect(found?.advice).not.toContain('refused');
  });

  test('CCP Reset-Requests that show it are named with their frames', () => {
    const one = new Scene().up(0x0100_0040);
    const frames: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      one.encrypted('client', count).encrypted('server', count).ppp('client', ccpProtocol, 14, count);
      frames.push(one.frames.length);
      one.ppp('server', ccpProtocol, 15, count);
    }
    const [found] = diagnosesOf(one.terminate('client').hangUp());
    expect(found?.cause).toBe('mppe-keys-differ');
    expect(found?.evidence.slice(1).map(({ frame }) => frame)).toEqual([frames[0], frames[7]]);
  });

  const waiting = (): Scene => new Scene({ vantage: 'client' }).dial().lcp().challenge().response().wait(20);
  test.each([
    // The Terminate-Request acknowledges the response, and nothing acknowledges the Terminate-Ack that follows.
    ['arrived: nothing', waiting().terminate('server').close('server'), null],
    ['arrived: so', waiting().acknowledge('server').hangUp(), ', so it arrived'],
    ['did not arrive: nor is it acknowledged', waiting().hangUp(), 'Nor does the server acknowledge it'],
  ] as const)('a response that %s', (_what, one, words) => {
    const [found] = diagnosesOf(one);
    expect(found?.cause).toBe('authentication-no-answer');
    if (words === null) expect(found?.summary).not.toContain('GRE');
    else expect(found?.summary).toContain(words);
  });
});

test('an acknowledgment of other options where both ends wait for one is laid to neither', () => {
  const one = new Scene({}).dial();
  for (let times = 0; times < 8; times += 1) {
    one.ppp('client', lcpProtocol, 1, times, one.lcpOptions('client'));
    one.ppp('server', lcpProtocol, 1, times, one.lcpOptions('server')).ppp('client', lcpProtocol, 2, times).wait(3);
  }
  const [found] = diagnosesOf(one.terminate('client').hangUp());
  expect(found).toMatchObject({ cause: 'lcp-not-converging', confidence: 'likely' });
  expect(found?.summary).not.toContain('which is no acknowledgment');
});

describe('an end that acknowledges and asks for nothing itself', () => {
  const causesOf = (one: Scene) =>
    diagnosesOf(one).map(({ cause, summary }) => [cause, summary.includes('of its own')]);
  const lcpOnce = (): Scene => {
    const one = new Scene({ vantage: 'server' }).dial();
    return one.agree(lcpProtocol, 'server', one.lcpOptions('server')).acknowledge('server');
  };
  const ipcpOnce = (): Scene =>
    new Scene({}).dial().lcp().authenticate().agree(ipcpProtocol, 'client', ipAddress('10.0.0.50'));

  test('in LCP, for long', () => {
    expect(causesOf(lcpOnce().wait(20).terminate('server').close('server'))).toEqual([['lcp-not-converging', true]]);
    expect(causesOf(lcpOnce().wait(1).terminate('server').close('server'))).toEqual([
      ['disconnected-by-server', false],
    ]);
  });

  test('in IPCP, for long', () => {
    expect(causesOf(ipcpOnce().wait(20).terminate('client').hangUp())).toEqual([['no-network-protocol', true]]);
    expect(causesOf(ipcpOnce().wait(1).terminate('client').hangUp())).toEqual([['cancelled-by-client', false]]);
  });
});

describe('what an end says of why it ends the link', () => {
  const at = (vantage: 'client' | 'server'): Scene => new Scene({ vantage });

  test('stands beside what did not happen, and the advice is for whom it is about', () => {
    const unanswered = at('server').dial().lcp();
    for (let times = 0; times < 4; times += 1) unanswered.challenge().acknowledge('client').wait(3);
    const [found] = diagnosesOf(unanswered.terminate('client', windowsReason(718)).hangUp());
    expect(found?.summary).toContain('The client ends the link (Windows error 718, PPP_TIMEOUT).');
    expect(found?.advice).not.toContain('RADIUS');
  });

  test('packets that are missing are told before what a back end may have done', () => {
    const one = at('client').dial().lcp().challenge().response();
    one.success().frames.pop();
    const [found] = diagnosesOf(one.wait(20).terminate('server').close('server'));
    expect(found).toMatchObject({ cause: 'authentication-no-answer', confidence: 'possible' });
    expect(found?.advice).toMatch(/^1 GRE packet of the server is missing/);
  });

  test('is no cancelling where it names an error', () => {
    const leaves = (words: string) => {
      const one = at('client').dial().lcp(null).wait(1);
      return diagnosesOf(one.wait(4).terminate('client', words).hangUp())[0];
    };
    expect(leaves('Out of memory')?.summary).toContain('says why: "Out of memory"');
    for (const words of ['User request', 'MPPE disabled']) {
      expect(leaves(words)?.summary).toContain('names no error');
    }
  });

  test('is not for want of a network protocol where it says something else', () => {
    const leaves = (by: 'client' | 'server', words: Uint8Array | string) => {
      const one = at('client').dial().lcp().authenticate().wait(20).terminate(by, words);
      return diagnosesOf(by === 'client' ? one.hangUp() : one.close('server')).map(({ cause }) => cause);
    };
    expect(leaves('client', 'No network protocols running')).toEqual(['no-network-protocol']);
    expect(leaves('client', 'Modem hung up')).toEqual(['cancelled-by-client']);
    expect(leaves('client', windowsReason(629))).toEqual(['disconnected-with-error']);
    expect(leaves('server', 'Too many sessions')).toEqual(['disconnected-by-server']);
  });

  test.each([
    ['Connect time expired', 'Session-Timeout'],
    ['Too many sessions', 'other sessions'],
    ['User request', 'was told to end'],
    ['MPPE disabled', 'at every end of a link with MPPE'],
    ['Bye', 'session limit, idle policy'],
  ])('%s: the advice says %s', (words, advice) => {
    const one = at('client').up(0x0100_0040).talk(2).terminate('server', words).close('server');
    expect(diagnosesOf(one)).toMatchObject([
      { cause: 'disconnected-by-server', advice: expect.stringContaining(advice) },
    ]);
  });

  test('LCP that the server begins anew in the running call, in vain', () => {
    const anew = (answered: boolean) => {
      const one = at('client').up(0x0100_0040).talk(2);
      for (let times = 0; times < 4; times += 1) {
        one.ppp('server', lcpProtocol, 1, 5, one.lcpOptions('server'));
        if (answered) one.ppp('client', lcpProtocol, 2, 5, one.lcpOptions('server'));
        one.acknowledge('client').wait(3);
      }
      return diagnosesOf(one.terminate('server').close('server'))[0];
    };
    expect(anew(false)).toMatchObject({ cause: 'disconnected-by-server' });
    expect(anew(false)?.summary).toContain('begun LCP anew');
    expect(anew(true)?.summary).not.toContain('begun LCP anew');
  });

  test.each(['client', 'server'] as const)('the %s was idle', (by) => {
    const one = at('client').up(0x0100_0040).talk(2).wait(700).terminate(by, 'Link inactive');
    const [found] = diagnosesOf(by === 'client' ? one.hangUp() : one.close('server'));
    expect(found).toMatchObject({
      cause: 'idle-timeout',
      summary: expect.stringContaining(`The ${by} ends the call because it was idle`),
    });
  });
});

function built(cause: CauseId, title: string): Built {
  const scenario = table[cause].scenes.find((one) => one.title === title);
  const [options] = fc.sample(variation, { numRuns: 1, seed });
  if (scenario === undefined || options === undefined) throw new Error(`no scene "${title}" of ${cause}`);
  return scenario.build(options);
}

describe('what did not come is shown by the frames around it', () => {
  /** Frames around the longest time without any. */
  const timesOf = (file: Uint8Array): number[] =>
    recordsOf(file).records.map((record) => {
      const view = new DataView(record.buffer, record.byteOffset);
      return view.getUint32(0, true) + view.getUint32(4, true) / 1e6;
    });
  const aroundSilence = (file: Uint8Array): number[] => {
    const times = timesOf(file);
    const pauses = times.map((time, index) => time - (times[index - 1] ?? time));
    const longest = pauses.indexOf(Math.max(...pauses));
    return [longest, longest + 1];
  };

  /** Frames around the widest step of GRE sequence numbers of one sender. RFC 2637 §4.1 */
  const aroundGap = (file: Uint8Array): number[] => {
    const steps = recordsOf(file).records.flatMap((record, index) => {
      // Behind the record's, Ethernet's and IPv4's header; with the S bit.
      const numbered = record[16 + 23] === 47 && ((record[16 + 34] ?? 0) & 0x10) !== 0;
      const number = new DataView(record.buffer, record.byteOffset).getUint32(16 + 42);
      return numbered ? [{ frame: index + 1, number, sender: record.slice(16 + 26, 16 + 30).join('.') }] : [];
    });
    const pairs = steps.flatMap((one, index) => {
      const before = steps.slice(0, index).findLast(({ sender }) => sender === one.sender);
      return before === undefined ? [] : [{ step: one.number - before.number, frames: [before.frame, one.frame] }];
    });
    return pairs.sort((a, b) => b.step - a.step)[0]?.frames ?? [];
  };

  const firstLargest = (file: Uint8Array): number[] => {
    const sizes = recordsOf(file).records.map(({ length }) => length);
    return [sizes.indexOf(Math.max(...sizes)) + 1];
  };

  const firstAndLast = (file: Uint8Array): number[] => [1, recordsOf(file).records.length];

  test.each<[CauseId, string, (file: Uint8Array) => number[]]>([
    ['idle-timeout', 'not heard any more after a silence', aroundSilence],
    ['idle-timeout', 'reset at the first packet after a silence', aroundSilence],
    ['mtu-black-hole', 'at the sender', firstLargest],
    ['mtu-black-hole', 'at the receiver, with acknowledgments meanwhile', aroundGap],
    ['mtu-black-hole', 'at the receiver, with nothing meanwhile', aroundGap],
    ['packet-loss', 'more in a row than MPPE counts, and the client ends CCP', aroundGap],
    ['tcp-no-answer', 'SYNs in vain', firstAndLast],
  ])('%s: %s', (cause, title, frames) => {
    const one = built(cause, title);
    const cited = diagnosesOf(one)[0]?.evidence.map(({ frame }) => frame);
    expect(cited).toEqual(expect.arrayContaining(frames(one.file())));
  });

  test('a sender that waits for the window', () => {
    const one = built('window-starvation', 'four packets, and a pause');
    const times = timesOf(one.file());
    const [, before = 0, after = 0] = diagnosesOf(one)[0]?.evidence.map(({ frame }) => times[frame - 1] ?? 0) ?? [];
    expect(after - before).toBeGreaterThan(0.4);
  });

  test('a capture that just ends has a last packet', () => {
    const asking = new Scene({ vantage: 'client' }).handshake().control();
    asking.writer.message('client', outgoingCallRequest(7));
    asking.wait(20).stranger('203.0.113.5', 'client', 17, new Uint8Array(8));
    const connected = new Scene({ vantage: 'between' }).dial();
    connected.wait(20).writer.message('client', echoRequest(1)).wait(20);
    connected.stranger('203.0.113.5', 'client', 17, new Uint8Array(8));
    for (const [one, last] of [
      [asking, asking.frames.length - 1],
      [connected, connected.frames.length - 1],
    ] as const) {
      expect(diagnosesOf(one)[0]?.evidence.at(-1)?.frame).toBe(last);
    }
  });
});

describe('how sure it is', () => {
  const confidence = (cause: CauseId, title: string): string[] =>
    diagnosesOf(built(cause, title)).map((found) => found.confidence);

  test('the more calls end after the same time, the surer it is a timer', () => {
    expect(confidence('idle-timeout', 'two calls end after the same time without user data')).toEqual([
      'likely',
      'likely',
    ]);
    expect(confidence('idle-timeout', 'three calls end after the same time without user data')).toEqual([
      'certain',
      'certain',
      'certain',
    ]);
  });

  /** Calls that the server ends after so many seconds each, some time after their last user data. */
  const endedAfter = (...lengths: number[]) => {
    const scenes = lengths.map((seconds, index) => {
      const one = new Scene({ start: 1_700_000_000 + index * 10_000, clientPort: 40_000 + index });
      one
        .up()
        .wait(seconds - 100 - index * 45)
        .talk(2)
        .wait(100 + index * 45);
      return one.terminate('server').close('server');
    });
    return reportOf(together(...scenes).file()).diagnoses.map(({ cause, summary }) => [
      cause,
      summary.includes('limit on the length of a session'),
    ]);
  };

  test.each([
    [[900, 900, 900], true],
    [[900, 900], false],
    [[900, 1100, 1300], false],
    [[900, 900, 900, 400, 500, 600, 700, 800], false],
  ])('calls that end after %j seconds: a limit, %s', (lengths, limit) => {
    expect(endedAfter(...lengths)).toEqual(lengths.map(() => ['disconnected-by-server', limit]));
  });

  test('a code that nobody has assigned may be a wrong password', () => {
    const denied = (text: string): Scene =>
      new Scene().dial().lcp().challenge().response().failure(text).terminate('server').close('server');
    expect(diagnosesOf(denied('E=691 R=0'))).toMatchObject([{ cause: 'wrong-credentials', confidence: 'certain' }]);
    expect(diagnosesOf(denied('E=999 R=0'))).toMatchObject([{ cause: 'wrong-credentials', confidence: 'possible' }]);
  });

  test('a number of credentials beside words of another reason is no proof of a wrong password', () => {
    const denied = (words: string): Scene =>
      new Scene()
        .dial()
        .lcp()
        .challenge()
        .response()
        .failure(`E=691 R=0 V=3 M=${words}`)
        .terminate('server')
        .close('server');
    const [found] = diagnosesOf(denied('You are already logged in - access denied'));
    expect(found).toMatchObject({ cause: 'wrong-credentials', confidence: 'possible' });
    expect(found?.advice).toContain('other sessions');
    expect(diagnosesOf(denied('Access denied'))[0]?.advice).toContain('password');
  });

  test('who demands proof of a server that gives none is told to do without', () => {
    const one = new Scene().dial().lcp(null);
    const challenge = octets(
      16,
      new Uint8Array(16).map((_, at) => 9 + at * 5),
      [97],
    );
    for (let times = 0; times < 4; times += 1)
      one.ppp('client', chapProtocol, 1, 3, challenge).acknowledge('server').wait(3);
    const [found] = diagnosesOf(one.terminate('client', 'peer refused to authenticate').hangUp());
    expect(found).toMatchObject({ cause: 'authentication-no-answer', advice: expect.stringContaining('`noauth`') });
  });

  test('Success and 778 after it say more than 778 alone', () => {
    expect(confidence('server-not-authenticated', 'Windows says 778')).toEqual(['certain']);
    const alone = new Scene().dial().lcp().challenge().response().terminate('client', windowsReason(778)).hangUp();
    expect(diagnosesOf(alone)).toMatchObject([{ cause: 'server-not-authenticated', confidence: 'likely' }]);
  });

  test('a NAT that another client gets through is to blame; one that is only there may be', () => {
    const scenes = 'behind the NAT: the call of another private address';
    expect(confidence('nat-without-helper', `${scenes} works, and this one is not answered`)).toEqual([
      'likely',
      'possible',
    ]);
    expect(confidence('nat-without-helper', `${scenes} has ended before`)).toEqual(['likely', 'possible']);
  });

  test('one Call ID of two clients is there to see, whatever of their GRE is missing', () => {
    const { header, records } = recordsOf(
      built('nat-without-helper', 'two calls of one address at a time, with one Call ID').file(),
    );
    // The capture lacks packets whose receiver acknowledges them.
    const kept = records.filter((_, index) => index < 40 || index % 9 !== 0);
    const { tunnels, diagnoses } = reportOf(joined([header, ...kept]));
    const missed = tunnels.flatMap(({ calls }) =>
      calls.map(({ gre }) => gre.clientToServer.missedByCapture + gre.serverToClient.missedByCapture),
    );
    expect(Math.max(...missed)).toBeGreaterThan(0);
    const found = { cause: 'nat-without-helper', confidence: 'likely' };
    expect(diagnoses).toMatchObject([found, found]);
  });

  test('a row of missing numbers is a matter of size where the way was open meanwhile; else it may have been cut', () => {
    expect(confidence('mtu-black-hole', 'at the receiver, with acknowledgments meanwhile')).toEqual(['likely']);
    expect(confidence('mtu-black-hole', 'at the receiver, with nothing meanwhile')).toEqual(['possible']);
  });

  test('what did not come in a negotiation is less sure where packets of the tunnel are missing', () => {
    const one = new Scene({}).dial().lcp().challenge().response().wait(20).terminate('client').hangUp();
    const confidences = (missing: number | null): unknown[] => {
      const records = one.records().filter((_record, index) => index !== missing);
      return reportOf(pcapFile(records)).diagnoses.map(({ cause, confidence, refutedBy }) => [
        cause,
        confidence,
        /; or the capture missed what it lacks: 1 packet of the tunnel is not in it$/.test(refutedBy),
      ]);
    };
    expect(confidences(null)).toEqual([['authentication-no-answer', 'likely', false]]);
    // The server's acknowledgment of the client's LCP options.
    expect(confidences(10)).toEqual([['authentication-no-answer', 'possible', true]]);
  });

  test('who gets no answer asks again: one question and silence is less sure', () => {
    const asking = (times: number) => {
      const one = new Scene({ vantage: 'server' }).dial();
      for (let index = 0; index < times; index += 1) {
        one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client')).wait(3);
      }
      return one.wait(3).hangUp();
    };
    expect(diagnosesOf(asking(1))).toMatchObject([{ cause: 'gre-blocked-server-to-client', confidence: 'possible' }]);
    expect(diagnosesOf(asking(2))).toMatchObject([{ cause: 'gre-blocked-server-to-client', confidence: 'likely' }]);
    const opening = (times: number) => {
      const one = new Scene({ vantage: 'client' });
      // RFC 6298 §2: a SYN is sent again after a second.
      for (let index = 0; index < times; index += 1)
        one.writer.segment('client', tcpFlags.syn, undefined, 1000).wait(1);
      return one.wait(5).stranger('203.0.113.5', 'client', 17, new Uint8Array(8));
    };
    expect(diagnosesOf(opening(1))).toMatchObject([{ cause: 'tcp-no-answer', confidence: 'possible' }]);
    expect(diagnosesOf(opening(2))).toMatchObject([{ cause: 'tcp-no-answer', confidence: 'certain' }]);
  });

  test('a Terminate-Ack turns a Configure-Request away that has its identifier', () => {
    const answered = (identifier: number): unknown[] => {
      const one = new Scene({ vantage: 'server' }).dial();
      for (const side of ['client', 'server'] as const) one.ppp(side, lcpProtocol, 1, 1, one.lcpOptions(side));
      one.ppp('client', lcpProtocol, 2, 1, one.lcpOptions('server')).ppp('server', lcpProtocol, 6, identifier).hangUp();
      return diagnosesOf(one).map(({ cause }) => cause);
    };
    expect(answered(1)).toEqual(['lcp-not-converging']);
    expect(answered(2)).not.toContain('lcp-not-converging');
  });

  test('"MPPE disabled" is said by who had it: no refusal, whatever the capture lacks', () => {
    const ended = (text: string): unknown[] =>
      diagnosesOf(new Scene().dial().lcp().authenticate().terminate('client', text).hangUp()).map(({ cause }) => cause);
    expect(ended('MPPE required but not available')).toEqual(['mppe-keys-unavailable']);
    expect(ended('MPPE disabled')).not.toContain('mppe-keys-unavailable');
  });

  test.each([62, 64, 66])(
    'words that the capture cuts are not taken for others: %i octets of each frame',
    (octetsKept) => {
      const one = new Scene().up(0x0100_0040).wait(60).terminate('client', 'MPPE disabled').hangUp();
      const { header, records } = recordsOf(one.file());
      const { diagnoses, tunnels } = reportOf(joined([header, ...records.map((record) => cut(record, octetsKept))]));
      expect(diagnoses.map(({ cause }) => cause)).toEqual(['capture-incomplete']);
      // Behind Ethernet, IP, GRE with both numbers, and the headers of PPP and LCP.
      const words = 'MPPE disabled'.slice(0, octetsKept - 14 - 20 - 16 - 4 - 4);
      expect(tunnels[0]?.calls[0]?.lcp.terminateText).toBe(`${words}…`);
    },
  );

  test.each(['client', 'server'] as const)(
    "GRE of the %s alone, which acknowledges the other's, is all of the capture's doing",
    (side) => {
      const one = new Scene({ vantage: 'server' }).up().wait(60);
      for (let identifier = 1; identifier <= 5; identifier += 1) {
        const magic = octets([0, 0, 0, 0]);
        one.ppp('client', lcpProtocol, 9, identifier, magic).ppp('server', lcpProtocol, 10, identifier, magic);
        one.ppp('server', lcpProtocol, 9, identifier, magic).ppp('client', lcpProtocol, 10, identifier, magic).wait(30);
      }
      one.terminate('client').hangUp();
      const kept = only(one, (frame) => !isGre(frame) || addressOf(frame) === one.writer[side]);
      expect(diagnosesOf(kept).map(({ cause }) => cause)).toEqual(['capture-incomplete']);
    },
  );

  test("an end that the control connection shows is one, less sure where one direction's GRE is not in the capture", () => {
    const ended = (end: (one: Scene) => Scene): unknown[] => {
      const one = end(new Scene({ vantage: 'server' }).up().talk(4).wait(60));
      return diagnosesOf(only(one, (frame) => !isGre(frame) || addressOf(frame) === one.writer.server));
    };
    expect(ended((one) => one.reset('server'))).toMatchObject([{ cause: 'control-reset', confidence: 'likely' }]);
    // The client ended the link, and the server answers.
    expect(ended((one) => one.terminate('client').close('server'))).toMatchObject([{ cause: 'capture-incomplete' }]);
    expect(ended((one) => one.terminate('client').terminate('server').close('client'))).toMatchObject([
      { cause: 'capture-incomplete' },
    ]);
  });

  test('who acknowledges a key length can do it, whatever it was refused itself', () => {
    const one = new Scene().dial().lcp().authenticate();
    one.refuse(ccpProtocol, 'client', mppe(0x0100_0080), 3, mppe(0x0100_0040));
    one.agree(ccpProtocol, 'server', mppe(0x0100_0040)).terminate('client').hangUp();
    expect(diagnosesOf(one).map(({ cause }) => cause)).not.toContain('mppe-strength-mismatch');
  });

  test('where the capture holds one direction, no end is said not to answer', () => {
    const one = new Scene().dial().lcp().authenticate();
    one.refuse(ccpProtocol, 'client', mppe(0x0100_0040), 4);
    one.terminate('client', 'MPPE required but peer negotiation failed').hangUp();
    const [found] = diagnosesOf(only(one, (frame) => !isGre(frame) || addressOf(frame) === one.writer.client));
    expect(found?.cause).toBe('mppe-refused');
    expect(found?.summary).not.toContain('does not answer');
  });

  test.each([
    ['nobody who gives up', 0.5, ['2 client']],
    ['none that never asks', 60, ['1 server', '2 client']],
  ])('what lacks octets of the control connection shows %s', (_what, seconds, lost) => {
    const one = new Scene().up(0x0100_0040).wait(seconds).terminate('client', 'MPPE disabled').hangUp();
    const side = (frame: SessionFrame): Side => (addressOf(frame) === one.writer.client ? 'client' : 'server');
    // Behind Ethernet, IP, GRE with or without an acknowledgment, and FF 03.
    const isLost = (frame: SessionFrame): boolean => {
      const at = frame.octets.findIndex((octet, index) => octet === 0x80 && frame.octets[index + 1] === 0x21);
      return isGre(frame) && at > 0 && lost.includes(`${frame.octets[at + 2]} ${side(frame)}`);
    };
    const startRequest = one.frames.find(({ octets: { length } }) => length === 14 + 20 + 20 + 156);
    const incomplete = only(one, (frame) => frame !== startRequest && !isLost(frame));
    expect(diagnosesOf(incomplete).map(({ cause }) => cause)).toEqual(['capture-incomplete']);
  });

  test.each([0, 3])('what did not come is less sure where the capture dropped packets: %i', (dropped) => {
    const writer = new SessionWriter();
    for (let attempt = 0; attempt < 5; attempt += 1) writer.segment('client', 2, undefined, 1000).wait(2 ** attempt);
    const blocks = new PcapngBlocks();
    const packets = writer.frames.map(({ seconds, fraction, octets: frame }) =>
      blocks.enhancedPacket(BigInt(seconds) * 1_000_000n + BigInt(fraction), frame),
    );
    // isb_ifdrop: 64 bits.
    const statistics = blocks.interfaceStatistics(0, [[5, [dropped, 0, 0, 0, 0, 0, 0, 0]]]);
    const file = joined([blocks.sectionHeader(), blocks.interfaceDescription(), ...packets, statistics]);
    const [found] = reportOf(file).diagnoses;
    expect(found?.cause).toBe('tcp-no-answer');
    expect(found?.confidence).toBe(dropped === 0 ? 'certain' : 'likely');
    expect(found?.refutedBy.includes('3 packets were dropped while capturing')).toBe(dropped > 0);
  });
});

describe('a capture without times', () => {
  /** Silences, pauses and what is overdue cannot be told there. */
  const needTimes: readonly string[] = [
    'mtu-black-hole',
    'no-return-traffic',
    'reordering',
    'window-starvation',
    'idle-timeout',
    'control-echo-unanswered',
    'peer-vanished',
    'cancelled-by-client',
    'capture-incomplete',
  ] satisfies CauseId[];

  function withoutTimes(one: Scene): Uint8Array {
    const blocks = new PcapngBlocks();
    const packets = one.records().map(({ octets }) => blocks.simplePacket(octets));
    return joined([blocks.sectionHeader(), blocks.interfaceDescription(), ...packets]);
  }

  const [options] = fc.sample(variation, { numRuns: 1, seed });
  if (options === undefined) throw new Error('no options');
  /** Scenes that are packets of ours: a few are files or models. */
  const built = entries.flatMap(([cause, { scenes }]) => {
    const told = scenes.flatMap((scenario) => {
      const one = scenario.build(options);
      return one instanceof Scene ? [{ one, said: scenario.said }] : [];
    });
    return told.length === 0 ? [] : [[cause, told] as const];
  });

  test.each(built)('%s: the same cause, if it needs none', (cause, told) => {
    for (const { one, said } of told) {
      const { diagnoses } = reportOf(withoutTimes(one));
      if (!needTimes.includes(cause)) expect(diagnoses.map((found) => found.cause)).toEqual(said);
      const words = diagnoses.flatMap(({ summary, evidence }) => [summary, ...evidence.map(({ text }) => text)]);
      expect(words.join(' ')).not.toMatch(/null|undefined|NaN|\(\)/);
    }
  });
});

describe('a session without fault', () => {
  const build = (options: Variation): Scene =>
    new Scene(options).up(0x0100_0040).talk(options.tries).terminate('client').hangUp();

  test('gets no diagnosis, from anywhere', () => {
    holds({ title: 'up', said: [], build }, 60);
  });

  test('gets no other verdict than an incomplete capture where a frame is missing', () => {
    const records = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(6).hangUp().records();
    for (const index of records.keys()) {
      const found = reportOf(pcapFile(records.filter((_, at) => at !== index))).diagnoses.map(({ cause }) => cause);
      expect(found.filter((cause) => cause !== 'capture-incomplete')).toEqual([]);
    }
  });
});

describe('a capture that lost a frame', () => {
  const causesWithout = (one: Scene, index: number): string[] =>
    reportOf(pcapFile(one.records().filter((_, at) => at !== index))).diagnoses.map(({ cause }) => cause);

  test('a cause stays, or is not said any more; no other takes its place', () => {
    const build = () => new Scene({ vantage: 'server' }).dial();
    const denied = build().lcp().challenge().response().failure('E=691 R=0 V=3').terminate('server').close('server');
    const silenced = build();
    silenced.arrives.server = false;
    silenced.lcpInVain(6, 3).hangUp();
    for (const [one, cause] of [
      [denied, 'wrong-credentials'],
      [silenced, 'gre-blocked-server-to-client'],
    ] as const) {
      for (const index of one.records().keys()) {
        const allowed = [cause, 'capture-incomplete', 'authentication-no-answer'];
        expect(allowed).toEqual(expect.arrayContaining(causesWithout(one, index)));
      }
    }
  });

  /** All but possible causes where a row of frames is missing, for each row. */
  function* surelySaidWithout(one: Scene): Generator<string> {
    const records = one.records();
    for (let from = 0; from < records.length; from += 1) {
      for (let to = from + 1; to <= records.length; to += 1) {
        const { diagnoses } = reportOf(pcapFile(records.filter((_, at) => at < from || at >= to)));
        yield* diagnoses.flatMap(({ cause, confidence }) => (confidence === 'possible' ? [] : [cause]));
      }
    }
  }

  test('a row of frames that is missing is not taken for the silence of an end', () => {
    const build = (options: SceneOptions) => new Scene({ clientCallId: 7, serverCallId: 9, ...options });
    for (const vantage of ['client', 'server'] as const) {
      const healthy = build({ vantage }).up(0x0100_0040).talk(2).wait(4).terminate('client', 'MPPE disabled').hangUp();
      const denied = build({ vantage }).dial().lcp().challenge().response();
      denied.failure('E=691 R=0 V=3').terminate('server').hangUp();
      expect(new Set(surelySaidWithout(healthy))).toEqual(new Set(['capture-incomplete']));
      expect(new Set(surelySaidWithout(denied))).toEqual(
        new Set(['capture-incomplete', 'wrong-credentials', 'disconnected-by-server']),
      );
    }
  });

  test('a capture that begins before a silence does not call an end dead that is heard after it', () => {
    const one = new Scene({ clientCallId: 7, serverCallId: 9 }).up(0x0100_0040);
    const begin = one.frames.length;
    one.data('client').wait(131).data('client').data('client').terminate('client').acknowledge('client').hangUp();
    const found = reportOf(pcapFile(one.records().slice(begin))).diagnoses.map(({ cause }) => cause);
    expect(found).toEqual(['capture-incomplete']);
  });

  test('a capture cut anywhere gets the cause or is called incomplete', () => {
    const one = new Scene({ vantage: 'client' }).dial();
    one.arrives.client = false;
    const records = one.lcpInVain(6, 3).hangUp().records();
    for (let length = 4; length < records.length; length += 1) {
      const found = reportOf(pcapFile(records.slice(0, length))).diagnoses.map(({ cause }) => cause);
      expect([['capture-incomplete'], ['gre-blocked-client-to-server']]).toContainEqual(found);
    }
  });
});

describe('an end that is heard, and what it does not get or does not say', () => {
  const found = (one: Scene): Diagnosis => {
    const [diagnosis, ...others] = reportOf(one.file()).diagnoses;
    if (diagnosis === undefined) throw new Error('no diagnosis');
    expect(others.map(({ cause }) => cause)).toEqual([]);
    return diagnosis;
  };

  test('echoes of the server that are lost on the way to a client which goes on sending and acknowledges nothing', () => {
    // As where a NAT forgets the way in: GRE of the client still arrives at the server.
    const one = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(3);
    for (let echo = 0; echo < 3; echo += 1) {
      one.gre('server', pppControl(lcpProtocol, 9, echo, octets([1, 2, 3, 4])), 'behind').wait(2);
      for (let packet = 0; packet < 3; packet += 1)
        one.data('client').gre('server', userData('server', 60), 'behind').wait(1);
    }
    one.gre('server', pppControl(lcpProtocol, 5, 9, new Uint8Array(0)), 'behind');
    const { cause, summary, advice } = found(one.wait(1).close('server'));
    expect(cause).toBe('lcp-echo-unanswered');
    // Three echoes, nine packets of user data and the Terminate-Request.
    expect(summary).toMatch(/acknowledges none of the server's last 13 packets: what the server sends is lost between/);
    expect(advice).toBe('Find what lets IP protocol 47 (GRE) of the server no longer through to the client.');
  });

  test('echoes that are acknowledged in GRE and not answered: the PPP of the other end hangs', () => {
    // As where the server's pppd was stopped (SIGSTOP): pptpd's GRE and the data that the kernel forwards go on.
    const one = new Scene({ vantage: 'client' }).up(0x0100_0040).talk(3);
    for (let echo = 0; echo < 4; echo += 1) {
      one
        .gre('client', pppControl(lcpProtocol, 9, echo, octets([1, 2, 3, 4])))
        .acknowledge('server')
        .talk(1, 3);
    }
    const { cause, summary, advice } = found(one.ppp('client', lcpProtocol, 5, 9).acknowledge('server').hangUp());
    expect(cause).toBe('lcp-echo-unanswered');
    expect(summary).toMatch(/In GRE the server acknowledges them: they arrive, and its PPP does not answer\.$/);
    expect(advice).toMatch(/^Nothing is lost on the way\. On the server look at the PPP process/);
  });

  test.each([
    [90, / The last user data came 90 s before: if other calls end as long after theirs, it is an idle timer\.$/],
    [10, /: "MPPE disabled"\.$/],
  ])(
    'a server that ends the call %i s after its last user data, with what pppd says at every end',
    (seconds, words) => {
      const one = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(3).wait(seconds);
      const { cause, summary } = found(one.terminate('server', 'MPPE disabled').close('server'));
      expect(cause).toBe('disconnected-by-server');
      expect(summary).toMatch(words);
    },
  );

  test('GRE of one end alone, without a control connection: nothing is said of one', () => {
    const one = new Scene({ vantage: 'between' }).dial();
    one.arrives.client = false;
    const dialled = one.frames.length;
    const gre = one
      .lcpInVain(6, 3)
      .frames.slice(dialled)
      .filter((frame) => frame.octets[23] === 47);
    const { diagnoses } = reportOf(pcapFile(gre.filter((frame) => addressOf(frame) === one.writer.client)));
    expect(diagnoses.map(({ summary }) => summary).join(' ')).not.toContain('The control connection works');
  });

  test('echoes that are answered when the end that asked has given up: the other end stood still', () => {
    // As where the client's pptp was stopped for half a minute, and then took and answered all that waited.
    const one = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(3);
    const echo = (code: number, identifier: number) => pppControl(lcpProtocol, code, identifier, octets([1, 2, 3, 4]));
    for (let index = 0; index < 3; index += 1) one.gre('server', echo(9, index)).wait(4);
    one.ppp('server', lcpProtocol, 5, 9, octets(letters('MPPE disabled'))).wait(20);
    for (let index = 0; index < 3; index += 1) one.gre('client', echo(10, index));
    const { cause, summary } = found(one.ppp('client', lcpProtocol, 6, 9).close('server'));
    expect(cause).toBe('lcp-echo-unanswered');
    expect(summary).toMatch(
      /^The server's last 3 LCP Echo-Requests .* Replies come when it has ended the link: the client stood still/,
    );
  });

  test('a client that asks for Deflate alone, on which the server that requires MPPE ends the link', () => {
    // As pppd with `nomppe` meets pptpd with `require-mppe-128`: both requests cross the end. RFC 1979 §2: option 26.
    const one = new Scene().dial().lcp().authenticate();
    one.ppp('client', ccpProtocol, 1, 1, octets([26, 4, 0x78, 0]));
    one.ppp('server', ccpProtocol, 1, 1, mppe(0x0100_0040));
    one.ppp('server', lcpProtocol, 5, 2, octets(letters('MPPE required but peer negotiation failed')));
    const { cause, summary } = found(one.ppp('client', lcpProtocol, 6, 2).close('server'));
    expect(cause).toBe('mppe-refused');
    expect(summary).toBe(
      'The server wants MPPE (128 bit stateless), the client asks for CCP without it, and the server ends the link.',
    );
  });

  test('a server whose pppd has no network protocol to run, and says only that MPPE ends', () => {
    // As pptpd with `noip` and `noipv6`: the client's first request crosses the end.
    const one = new Scene().dial().lcp().authenticate().ccp();
    one.ppp('server', lcpProtocol, 5, 2, octets(letters('MPPE disabled')));
    one.ppp('client', ipcpProtocol, 1, 1, ipAddress('0.0.0.0')).ppp('client', lcpProtocol, 6, 2);
    const { cause, confidence, summary } = found(one.close('server'));
    expect([cause, confidence]).toEqual(['no-network-protocol', 'possible']);
    expect(summary).toContain('authenticated and encrypted, no network protocol is tried, and the server ends it');
  });

  test('a server that sends nothing through the tunnel any more, captured at the server: its own log knows', () => {
    // As where its pppd was killed and the kernel still takes the packets of TCP.
    const one = new Scene({ vantage: 'server' }).up(0x0100_0040).talk(3);
    for (let packet = 0; packet < 14; packet += 1) one.data('client').wait(1);
    const { cause, advice } = found(one.close('server'));
    expect(cause).toBe('no-return-traffic');
    expect(advice).toMatch(/^Nothing of it leaves the server itself: read the log/);
  });

  test.each([
    [5, 'certain', /without a farewell: its process ended\.$/],
    [
      45,
      'likely',
      /or what its PPP said at the end is lost, for nothing of it has come through the tunnel for 45 s\.$/,
    ],
  ] as const)('a FIN without a farewell %i s after the last GRE', (seconds, confidence, words) => {
    const one = new Scene({ vantage: 'client' }).up(0x0100_0040).talk(3).wait(seconds).close('server');
    const { cause, confidence: sure, summary } = found(one);
    expect([cause, sure]).toEqual(['control-closed-abruptly', confidence]);
    expect(summary).toMatch(words);
  });

  test('a client whose GRE goes on from another address, while a router says that the first is not reached', () => {
    // As where a NAT gets another public address in the middle of the call.
    const one = new Scene({ vantage: 'server', clientSequence: 7 }).up(0x0100_0040).talk(4);
    const sent = one.frames.filter((frame) => addressOf(frame) === one.writer.client && frame.octets[23] === 47).length;
    for (let index = 0; index < 4; index += 1) {
      const gre = enhancedGre({ callId: one.callIds.server, sequence: sent + index }, userData('client', 60));
      one.stranger('203.0.113.44', 'server', 47, gre);
      one.data('server', 60, true).icmp(1, '203.0.113.44', 'server').wait(2);
    }
    const [gone, goesOn] = reportOf(one.file()).diagnoses;
    expect(goesOn).toMatchObject({ cause: 'gre-from-other-address', tunnel: 'T2', refutedBy: expect.any(String) });
    expect(goesOn?.summary).toContain(`on from the same number, ${sent}: in the middle of the call its address became`);
    expect(gone).toMatchObject({ cause: 'peer-vanished', confidence: 'certain', nextCapture: '' });
    expect(gone?.summary).toMatch(/The client's GRE goes on from another address, 203\.0\.113\.44 \(T2\)/);
    expect(gone?.advice).toMatch(/^Find out why the client got another address in the middle of the call/);
  });
});
