/** Texts in the field tree: what they say, and what stands behind it. */
import { expect, it } from 'vitest';
import { pcapFile } from '../../test/support/captures.ts';
import { packetsOf } from '../../test/support/packet-view.ts';
import { octets, pppControl, startControlConnection } from '../../test/support/packets.ts';
import { SessionWriter } from '../../test/support/session.ts';
import { details } from './packet-details.ts';
import { TextPage } from './text/text-page.ts';
import { plainPalette } from './text.ts';

/** One character for each octet of the text in UTF-8. */
const inUtf8 = (text: string): string => Buffer.from(text).toString('latin1');
const letters = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

/** The lines of the fields of that name, as they are printed. */
function printed(session: SessionWriter, name: string): string[] {
  const page = new TextPage(Number.MAX_SAFE_INTEGER, plainPalette);
  for (const packet of packetsOf(pcapFile(session.frames))) {
    details(page, packet, { showSecrets: false, sources: false, selected: null, width: 0 });
  }
  const lines = page.take().split('\n');
  return lines.flatMap((line) => new RegExp(`^ *[\\d-]+ +${name}  +(.*)$`).exec(line)?.[1] ?? []);
}

it.each([
  ['münchen', '"münchen"'],
  ['сервер', '"сервер"'],
  ['plain', '"plain"'],
  ['plain\0\0left over', '"plain"  and 9 more octets after the first NUL'],
  ['münchen\0\x01\x02', '"münchen"  and 2 more octets after the first NUL'],
])('a name of fixed size that holds %j', (host, line) => {
  // RFC 2637 §2.1: Host Name has 64 octets.
  const session = new SessionWriter().handshake().message('client', startControlConnection(1, inUtf8(host)));
  expect(printed(session, 'host name')).toEqual([line]);
});

it('a message that is told in other words', () => {
  // RFC 2759 §6; what is behind its fields is not told.
  const text = `E=691 R=0 V=3 ${'x'.repeat(80)}`;
  const session = new SessionWriter().handshake().control().call().lcp();
  session.gre('server', pppControl(0xc223, 4, 1, octets(letters(text))));
  const [line] = printed(session, 'message');
  expect(line).toContain('error 691');
  expect(line).not.toContain('NUL');
});
