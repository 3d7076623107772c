/** Arguments that one call takes without trouble. */
const atOnce = 8192;

/** Text of one character for each octet: lossless, and compact, which text that is put together letter by letter is not. */
export function charactersOf(octets: Uint8Array): string {
  if (octets.length <= atOnce) return characters(octets);
  let text = '';
  for (let at = 0; at < octets.length; at += atOnce) text += characters(octets.subarray(at, at + atOnce));
  return text;
}

/** Spread, octets would go one by one through an iterator: six times slower. */
function characters(octets: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, null, octets) as string;
}

/** Of such text, its octets. Of other text the low eight bits of each UTF-16 unit. */
export function octetsOfCharacters(text: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < octets.length; at += 1) octets[at] = text.charCodeAt(at);
  return octets;
}

/** The same as `charactersOf`, of the first `length` octets of a list, which is made use of again: it keeps room for few. */
export function charactersOfList(octets: number[], length: number): string {
  if (length <= atOnce) return Reflect.apply(String.fromCharCode, null, octets.slice(0, length)) as string;
  const pieces: string[] = [];
  for (let at = 0; at < length; at += atOnce) {
    pieces.push(Reflect.apply(String.fromCharCode, null, octets.slice(at, Math.min(length, at + atOnce))) as string);
  }
  octets.length = atOnce;
  return pieces.join('');
}
