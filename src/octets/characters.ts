/** Arguments that one call takes without trouble. */
const atOnce = 8192;

/** Text of one character for each octet: lossless, and compact, which text that is put together letter by letter is not. */
export function charactersOf(octets: Uint8Array): string {
  if (octets.length <= atOnce) return String.fromCharCode(...octets);
  let text = '';
  for (let at = 0; at < octets.length; at += atOnce) text += String.fromCharCode(...octets.subarray(at, at + atOnce));
  return text;
}
