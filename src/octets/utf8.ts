/** Text as UTF-8, without a platform's encoder. RFC 3629 §3 */

/** The octets of the text; unpaired surrogates become U+FFFD. */
export function utf8Octets(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const read = character.codePointAt(0) ?? 0;
    const point = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read;
    if (point < 0x80) octets.push(point);
    else if (point < 0x800) octets.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x1_0000) octets.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      octets.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
      octets.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    }
  }
  return Uint8Array.from(octets);
}
