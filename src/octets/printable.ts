/**
 * Captured text is hostile: host names, user names and messages are what their sender likes, escape sequences and
 * right-to-left overrides included. `printable` is the one door by which they reach a terminal.
 */

/**
 * Nothing in it is to be made visible, printable ASCII and the report's own marks: nearly all text, and told apart in a
 * fraction of the time. The backslash is not of it.
 */
const harmless = /^[ -[\]-~→↔↑↓✓✗…·–]*$/;

/** Characters shown of one text where the caller names no other limit. */
const shownAtMost = 1024;

/**
 * The text with everything that could steer a terminal or mislead its reader made visible: C0 and C1 controls and DEL as
 * `\xNN`; bidirectional controls, separators, invisible characters and unpaired surrogates as `\u{NNNN}`. Printable ASCII
 * and ordinary Unicode stay as they are, so that applying it twice changes nothing. A text of more than `atMost`
 * characters is cut and ends with `…`.
 */
export function printable(text: string, atMost: number = shownAtMost): string {
  if (text.length <= atMost && harmless.test(text)) return text;
  let shown = '';
  let count = 0;
  for (const character of text) {
    if (count === atMost) return `${shown}…`;
    count += 1;
    shown += visible(character);
  }
  return shown;
}

/**
 * Captured octets, one character for each, as the text they probably are: UTF-8 where they are valid UTF-8, else
 * Latin-1, which is the octets themselves. Not safe to print.
 */
export function utf8(octets: string): string {
  let text = '';
  let at = 0;
  while (at < octets.length) {
    const first = octets.charCodeAt(at);
    if (first < 0x80) {
      text += octets.charAt(at);
      at += 1;
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + more >= octets.length) return octets;
    let point = first & (0x3f >> more);
    for (let index = 1; index <= more; index += 1) {
      const next = octets.charCodeAt(at + index);
      if (next < 0x80 || next > 0xbf) return octets;
      point = point * 64 + (next & 0x3f);
    }
    // Overlong forms, surrogates and numbers beyond Unicode are no UTF-8. RFC 3629 §3
    if (point < (more === 2 ? 0x800 : more === 3 ? 0x1_0000 : 0x80)) return octets;
    if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10_ffff) return octets;
    text += String.fromCodePoint(point);
    at += more + 1;
  }
  return text;
}

/** The part of a text field that is meant to be read: up to the first NUL. */
export function beforeNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** Captured text of a fixed field: up to its first NUL. */
export function fieldText(octets: string): string {
  return utf8(beforeNul(octets));
}

/** Whether octets, one character for each, are text for people: printable in UTF-8, tabs and line ends allowed. */
export function isReadable(octets: string): boolean {
  const text = utf8(octets);
  const latin1 = text === octets && /[\x80-\xff]/.test(octets);
  return text.length > 0 && !latin1 && !misleading.test(text.replace(/[\t\r\n]/g, ''));
}

/** Controls, formatting (bidirectional controls), what is not drawn (zero-width characters), surrogates, private use, separators but the space. */
const misleading = /[\p{Cc}\p{Cf}\p{DI}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (!misleading.test(character)) return character;
  return point <= 0xff ? `\\x${point.toString(16).padStart(2, '0')}` : `\\u{${point.toString(16)}}`;
}
