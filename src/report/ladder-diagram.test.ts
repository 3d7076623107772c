/** What the diagram makes of a packet is decided by what the packet is, not by what somebody wrote into it. */
import { expect, test } from 'vitest';
import { reportOf } from '../../test/support/analysis.ts';
import { pcapFile } from '../../test/support/captures.ts';
import { packetsOf } from '../../test/support/packet-view.ts';
import { echoRequest, tcpFlags } from '../../test/support/packets.ts';
import { tunnel } from '../../test/support/reports.ts';
import { SessionWriter } from '../../test/support/session.ts';
import { LadderDiagram } from './ladder-diagram.ts';
import { plainPalette } from './text.ts';

/** The lines of a session's diagram; what is painted as failed stands in `!!`. */
function lines(writer: SessionWriter): string[] {
  const file = pcapFile(writer.frames);
  const [found] = reportOf(file).tunnels;
  if (found === undefined) throw new Error('no tunnel');
  const palette = { ...plainPalette, failed: (text: string) => `!!${text}!!` };
  const options = { width: 100, palette, time: 'relative', utcOffset: () => 0 } as const;
  const diagram = new LadderDiagram(found, { path: 'test', digits: 6, first: null }, options);
  const shown =
    diagram.heading() +
    packetsOf(file)
      .map((packet) => diagram.packet(packet))
      .join('');
  return (shown + diagram.finish()).split('\n');
}

const session = (): SessionWriter => new SessionWriter().handshake().control().call();

test('a reset is painted, a name that speaks of one is not', () => {
  const shown = lines(session().lcp().chap('srv RST x').segment('server', tcpFlags.rst));
  expect(shown.filter((line) => line.includes('!!'))).toEqual([expect.stringContaining('!!TCP RST!!')]);
  expect(shown).toContainEqual(expect.stringContaining('name="srv RST x"'));
});

test('a reset behind a message is painted', () => {
  const shown = lines(session().segment('client', tcpFlags.rst | tcpFlags.ack, echoRequest(1)));
  expect(shown.filter((line) => line.includes('!!'))).toEqual([expect.stringContaining('Echo-Request identifier=1')]);
});

test('the ends of IPv6 stand in brackets before their ports', () => {
  const ends = { client: { address: '2001:db8::1', port: 50_000 }, server: { address: '2001:db8::2', port: 1723 } };
  const options = { width: 100, palette: plainPalette, time: 'relative', utcOffset: () => 0 } as const;
  const diagram = new LadderDiagram(tunnel(ends), { path: 'test', digits: 6, first: null }, options);
  expect(diagram.heading()).toMatch(/ \[2001:db8::1\]:50000 +\[2001:db8::2\]:1723\n/);
});

test('the segment that ends the handshake is shown, also of ends that offer ECN', () => {
  for (const ecn of [0, 0x40]) {
    const writer = new SessionWriter().segment('client', tcpFlags.syn | (ecn === 0 ? 0 : 0xc0));
    writer
      .segment('server', tcpFlags.syn | tcpFlags.ack | ecn)
      .segment('client', tcpFlags.ack)
      .control();
    expect(lines(writer.segment('client', tcpFlags.ack)).filter((line) => / TCP ACK /.test(line))).toHaveLength(1);
  }
});
