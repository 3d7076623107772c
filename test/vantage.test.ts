/** Where a capture was taken: times to live, the handshake's timing, and on which side of it packets were lost. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TunnelReport } from '../src/report/contract.ts';
import { otherSide } from '../src/sessions/ends.ts';
import { reportOf } from './support/analysis.ts';
import { tcpFlags } from './support/packets.ts';
import { lcpProtocol, Scene, type SceneOptions, type Side, type Trouble, type Vantage } from './support/scene.ts';

function tunnelOf(one: Scene): TunnelReport {
  const [tunnel] = reportOf(one.file()).tunnels;
  if (tunnel === undefined) throw new Error('no tunnel');
  return tunnel;
}

describe('times to live', () => {
  test.each(['client', 'server', 'between'] as const)('%s', (vantage) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 25 }),
        fc.constantFrom(64, 128, 255),
        fc.constantFrom(64, 128, 255),
        (hops, client, server) => {
          const one = new Scene({ vantage, hops, initial: { client, server } }).up().talk(2).hangUp();
          const report = reportOf(one.file());
          expect(report.captures[0]?.vantage).toBe(vantage);
          expect(report.tunnels[0]?.vantage).toBe(vantage);
        },
      ),
      { numRuns: 20, seed: 4 },
    );
  });
});

/** Without routers, and with so many seconds before the SYN-ACK and before what acknowledges it. */
function bridged(answer: number, acknowledge: number, options: SceneOptions = {}): Scene {
  const one = new Scene({ hops: 0, initial: { client: 64, server: 64 }, ...options });
  one.writer.segment('client', tcpFlags.syn);
  one.wait(answer).writer.segment('server', tcpFlags.syn | tcpFlags.ack);
  one.wait(acknowledge).writer.segment('client', tcpFlags.ack);
  return one.control().call().lcp().authenticate().ipcp().talk(2).hangUp();
}

describe('the handshake, where no router counts', () => {
  test.each([
    ['client', 0.02, 0],
    ['server', 0, 0.02],
    ['unknown', 0.01, 0.009],
  ] as const)('%s', (vantage, answer, acknowledge) => {
    expect(tunnelOf(bridged(answer, acknowledge)).vantage).toBe(vantage);
  });

  test('a SYN-ACK that is repeated is timed by its last copy', () => {
    // Lost on the client's side: the second of waiting for it is not the way to the client.
    const lost: Trouble = { packet: 1, what: 'lost near the receiver' };
    expect(tunnelOf(bridged(0.02, 0, { vantage: 'between', troubles: [lost] })).vantage).toBe('client');
  });
});

/** The segments of a dialled call that a receiver must acknowledge; a SYN alone it may drop. */
const segments = [
  // Lost before the capture, it leaves a SYN that is repeated; the request, nothing.
  { packet: 1, from: 'server', name: 'SYN-ACK', toldUnseen: false },
  { packet: 2, from: 'client', name: 'Start-Control-Connection-Request', toldUnseen: false },
  { packet: 3, from: 'server', name: 'Start-Control-Connection-Reply', toldUnseen: true },
  { packet: 4, from: 'client', name: 'Outgoing-Call-Request', toldUnseen: true },
  { packet: 5, from: 'server', name: 'Outgoing-Call-Reply', toldUnseen: true },
] as const;

const places = ['client', 'server', 'between'] as const;
const lossPlaces = ['lost near the sender', 'lost near the receiver'] as const;

/** On whose side of the point of capture a packet is lost. */
function sideOfLoss(vantage: Vantage, from: Side, what: (typeof lossPlaces)[number]): Side {
  if (vantage === 'client') return 'server';
  if (vantage === 'server') return 'client';
  const to = otherSide(from);
  return what === 'lost near the sender' ? from : to;
}

describe('what is sent again tells on which side packets are lost', () => {
  const cases = places.flatMap((vantage) =>
    lossPlaces.flatMap((what) => segments.map((segment) => ({ vantage, what, ...segment }))),
  );

  test.each(cases)('from $vantage: $name $what', ({ vantage, what, packet, from, toldUnseen }) => {
    const seen = vantage === from || (vantage === 'between' && what === 'lost near the receiver');
    for (const retransmitsAfter of [0.6, 1, 3]) {
      const one = new Scene({ vantage, retransmitsAfter, troubles: [{ packet, what }] }).up().talk(2).hangUp();
      const { lostBeside } = tunnelOf(one);
      const side = sideOfLoss(vantage, from, what);
      expect(lostBeside[side] !== null).toBe(seen || toldUnseen);
      expect(lostBeside[otherSide(side)]).toBeNull();
    }
  });

  test('any losses, anywhere: an end never looks as if packets were lost on the way to it from a capture at itself', () => {
    const trouble: fc.Arbitrary<Trouble> = fc.record({
      packet: fc.nat(40),
      what: fc.constantFrom(...lossPlaces, 'doubled', 'overtakes'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('client' as const, 'server' as const),
        fc.array(trouble, { maxLength: 6 }),
        fc.integer({ min: 21, max: 300 }).map((hundredths) => hundredths / 100),
        (vantage, troubles, retransmitsAfter) => {
          const one = new Scene({ vantage, troubles, retransmitsAfter }).up().talk(4).terminate('client').hangUp();
          const { lostBeside, vantage: judged } = tunnelOf(one);
          expect(lostBeside[vantage]).toBeNull();
          expect(judged).toBe(vantage);
        },
      ),
      { numRuns: 150, seed: 4 },
    );
  });

  test('an answer of LCP that is lost: Configure-Ack, seen by a capture that is not at its receiver', () => {
    for (const vantage of places) {
      const one = new Scene({ vantage }).dial();
      const ask = (): void => {
        one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
      };
      one.ppp('server', lcpProtocol, 1, 1, one.lcpOptions('server'));
      one.ppp('client', lcpProtocol, 2, 1, one.lcpOptions('server'));
      ask();
      one.ppp('server', lcpProtocol, 2, 1, one.lcpOptions('client'));
      if (vantage === 'client') one.frames.pop();
      one.wait(3);
      ask();
      one.ppp('server', lcpProtocol, 2, 1, one.lcpOptions('client'));
      const { lostBeside } = tunnelOf(one.authenticate().ipcp().talk(2).hangUp());
      expect(lostBeside.client === null).toBe(vantage === 'client');
      expect(lostBeside.server).toBeNull();
    }
  });

  test('near miss: LCP asks again because the other end has not asked yet', () => {
    const one = new Scene({ vantage: 'client' }).dial();
    for (let index = 0; index < 2; index += 1) {
      one.ppp('client', lcpProtocol, 1, 1, one.lcpOptions('client'));
      one.ppp('server', lcpProtocol, 2, 1, one.lcpOptions('client')).wait(3);
    }
    one.ppp('server', lcpProtocol, 1, 1, one.lcpOptions('server'));
    one.ppp('client', lcpProtocol, 2, 1, one.lcpOptions('server'));
    expect(tunnelOf(one.authenticate().ipcp().talk(2).hangUp()).lostBeside).toEqual({ client: null, server: null });
  });

  test('near miss: keep-alives are sent again on purpose', () => {
    const one = new Scene({ vantage: 'client' }).up();
    const frame = one.frames.find(({ octets: packet }) => packet.length > 100);
    const sequence = new DataView(frame?.octets.buffer ?? new ArrayBuffer(42)).getUint32(14 + 20 + 4);
    // From the octet before the next one: 156 of Start-Control-Connection-Request, 168 of Outgoing-Call-Request.
    for (let index = 0; index < 3; index += 1) {
      one.wait(60).writer.segment('client', tcpFlags.ack, new Uint8Array(1), sequence + 156 + 168 - 1);
      one.writer.segment('server', tcpFlags.ack);
    }
    expect(tunnelOf(one.hangUp()).lostBeside).toEqual({ client: null, server: null });
  });

  test('near miss: an end that is deaf from now on sends again, too, and nothing tells where the loss is', () => {
    const one = new Scene({ vantage: 'client' }).up().talk(2);
    one.writer.segment('client', tcpFlags.ack | tcpFlags.psh, new Uint8Array(16));
    one.writer.segment('server', tcpFlags.ack);
    const sent = one.frames.at(-2)?.octets;
    for (let index = 0; index < 4; index += 1) {
      one.wait(1);
      if (sent !== undefined) one.writer.ip('client', 6, sent.slice(34));
    }
    expect(tunnelOf(one).lostBeside).toEqual({ client: null, server: null });
  });
});

describe('what is lost decides where times do not', () => {
  const lostOf = (packet: number, what: Trouble['what']): Trouble => ({ packet, what });
  // On the bridge: the server's side loses the client's request, the client's side the server's reply.
  const beyond = lostOf(2, 'lost near the receiver');
  const before = lostOf(3, 'lost near the receiver');

  test.each([
    ['unknown', 0.01, 0.009, []],
    ['client', 0.01, 0.009, [beyond]],
    ['server', 0.009, 0.01, [before]],
    ['between', 0.01, 0.009, [before]],
    ['between', 0.01, 0.009, [beyond, lostOf(5, 'lost near the receiver')]],
  ] as const)('%s: %d, %d, %j', (vantage, answer, acknowledge, troubles) => {
    expect(tunnelOf(bridged(answer, acknowledge, { vantage: 'between', troubles })).vantage).toBe(vantage);
  });
});

describe('the verdict is worded for it', () => {
  /** What the end loses that the capture was taken beside: a message of the other end, and one of its own. */
  const lossBeside = (side: Side): Trouble[] => [
    { packet: side === 'server' ? 2 : 3, what: 'lost near the receiver' },
    { packet: side === 'server' ? 5 : 4, what: 'lost near the sender' },
  ];

  const silent = (mute: Side, troubles: readonly Trouble[]) => {
    const one = new Scene({ vantage: 'between', beside: mute, troubles }).dial();
    one.arrives[mute] = false;
    const heard = otherSide(mute);
    for (let index = 0; index < 6; index += 1) one.ppp(heard, lcpProtocol, 1, 1, one.lcpOptions(heard)).wait(3);
    return reportOf(one.hangUp().file());
  };

  test.each([
    ['server', 'gre-blocked-server-to-client', 'gre-blocked'],
    ['client', 'gre-blocked-client-to-server', 'gre-blocked-client-to-server'],
  ] as const)('no GRE from the %s: at that end or, with losses on its side, only near it', (mute, atIt, nearIt) => {
    const [first] = silent(mute, []).diagnoses;
    expect(first?.cause).toBe(atIt);
    expect(first?.summary).toContain('a firewall on it drops GRE');
    const report = silent(mute, lossBeside(mute));
    expect(report.tunnels[0]?.vantage).toBe(mute);
    const [second] = report.diagnoses;
    expect(second?.cause).toBe(nearIt);
    expect(second?.summary).not.toContain('a firewall on it drops GRE');
    expect(second?.evidence.map(({ text }) => text)).toContain(
      `sent again: packets are lost between the point of capture and the ${mute}`,
    );
  });

  test.each(['client', 'server'] as const)('numbers that the %s near by leaves out', (side) => {
    const missing = (troubles: readonly Trouble[]) => {
      const one = new Scene({ vantage: 'between', beside: side, troubles }).up();
      for (let index = 0; index < 100; index += 1) one.data(side, 200, index % 12 === 5);
      one.data(otherSide(side));
      return reportOf(one.hangUp().file()).diagnoses.map(({ cause }) => cause);
    };
    // At the end itself the capture lost them; where packets are lost on the way to it, they are lost there, too.
    expect(missing([])).toEqual(['capture-incomplete']);
    expect(missing(lossBeside(side))).toEqual(['packet-loss']);
  });
});
