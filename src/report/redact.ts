/**
 * The report with pseudonyms for user names, host names, addresses, domains and paths: the same one for the same name
 * everywhere, so that a report can be shared and still be followed. Every format shows this report, so none leaks.
 */
import { isIterable, type List, MappedList } from '../octets/packed-list.ts';
import type { Report, ReportSource } from './contract.ts';

type Kind = 'user' | 'host' | 'domain' | 'address' | 'capture' | 'discriminator';

/** Keys whose value is a name as a whole. */
const nameKeys: { readonly [Key in string]?: Kind } = {
  user: 'user',
  authenticatorName: 'host',
  hostName: 'host',
  endpointDiscriminator: 'discriminator',
  path: 'capture',
};

/** Keys of sentences, ours or captured, that may quote names. All others hold words of closed sets. */
const textKeys: ReadonlySet<string> = new Set([
  'detail',
  'summary',
  'text',
  'message',
  'terminateText',
  'statistics',
  'refutedBy',
  'nextCapture',
  'vendorName',
  'software',
  'reason',
]);

/** What programs write who have no name to say: no names, and words of ordinary sentences. */
const placeHolders: ReadonlySet<string> = new Set(['', 'local', 'localhost', 'anonymous', 'none']);

const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ipv4 = `(?<![\\w.])${octet}(?:\\.${octet}){3}(?![\\w]|\\.\\d)`;
const group = '[0-9a-f]{1,4}';
const groups = `${group}(?::${group})*`;
const ipv6 = `(?<![\\w:])(?:(?:${group}:){7}${group}|(?:${groups})?::(?:${groups})?)(?![\\w:])`;
const mac = '(?<![\\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\\w:-])';
const addresses = new RegExp(`${ipv4}|${mac}|${ipv6}`, 'gi');

/** Letters and digits with what joins them in names. */
const words = /[\p{L}\p{N}_][\p{L}\p{N}_.@\\$-]*/gu;
const wordParts = /[\p{L}\p{N}_]+/gu;
/** At least two labels, the last of letters: a domain in captured text. */
const domain = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}$/u;

/** A copy with pseudonyms. */
export function redact(report: Report): Report {
  const source = redactSource(report);
  const { tunnels, diagnoses, findings } = source;
  return { ...source, tunnels: [...tunnels], diagnoses: [...diagnoses], findings: [...findings] };
}

/** The same of a report whose tunnels are made when they are read. */
export function redactSource(report: ReportSource): ReportSource {
  const pseudonyms = new Pseudonyms();
  collect(report, '', pseudonyms);
  const one = <Value>(value: Value, key: string): Value => replaced(value, key, pseudonyms, null) as Value;
  const all = <Item>(items: List<Item>, key: string): List<Item> => {
    const redacted = new MappedList(items, (item) => one(item, key));
    // Pseudonyms are numbered as the report goes, whatever is read of it first.
    for (const _item of redacted);
    return redacted;
  };
  const { format, version, tool, secretsShown } = report;
  return {
    format,
    version,
    tool,
    redacted: true,
    ...(secretsShown === true ? { secretsShown } : {}),
    captures: one(report.captures, 'captures'),
    tunnels: all(report.tunnels, 'tunnels'),
    diagnoses: all(report.diagnoses, 'diagnoses'),
    findings: all(report.findings, 'findings'),
    otherVpn: one(report.otherVpn, 'otherVpn'),
    migration: one(report.migration, 'migration'),
    limitsReached: one(report.limitsReached, 'limitsReached'),
  };
}

class Pseudonyms {
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<Kind, number>();
  /** Pseudonyms of names that are more than one word, by the names in lower case. */
  private readonly phrases = new Phrases();
  /** Of names that are one word of several parts, `DESKTOP-7K2M3N1`: they may be a part of another. */
  private readonly joined = new Phrases();

  /** The pseudonym of a whole value. */
  name(text: string, kind: Kind): string {
    if (kind === 'user') return this.userName(text);
    if (kind !== 'host') return this.one(text, kind);
    if (placeHolders.has(text.toLowerCase())) return text;
    const pseudonym = this.one(text, kind);
    // `winpc-7.corp.example` is winpc-7 elsewhere; a label of letters alone may be an ordinary word, as numbers are.
    const [label = ''] = text.split('.', 1);
    if (label !== text && /[\d-]/.test(label) && /\p{L}/u.test(label)) this.same(label, pseudonym);
    return pseudonym;
  }

  /** `CORP\dave` and `dave@corp.example` are a domain and a user. */
  private userName(text: string): string {
    const backslash = text.lastIndexOf('\\');
    if (backslash > 0) {
      return `${this.one(text.slice(0, backslash), 'domain')}\\${this.one(text.slice(backslash + 1), 'user')}`;
    }
    const at = text.lastIndexOf('@');
    if (at > 0 && at < text.length - 1)
      return `${this.one(text.slice(0, at), 'user')}@${this.one(text.slice(at + 1), 'domain')}`;
    return this.one(text, 'user');
  }

  private one(text: string, kind: Kind): string {
    if (text === '') return '';
    const key = text.toLowerCase();
    const held = this.names.get(key);
    if (held !== undefined) return held;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const pseudonym = `${kind}-${count}`;
    this.same(text, pseudonym);
    return pseudonym;
  }

  /** A name, unless it is known. */
  private same(text: string, pseudonym: string): void {
    const key = text.toLowerCase();
    if (this.names.has(key)) return;
    this.names.set(key, pseudonym);
    if ([...text.matchAll(words)].length !== 1 || !/^[\p{L}\p{N}_]/u.test(text)) {
      this.phrases.set(folded(text), pseudonym);
    } else if (!/^[\p{L}\p{N}_]+$/u.test(text)) {
      this.joined.set(folded(text), pseudonym);
    }
  }

  addresses(text: string): string {
    return text.replace(addresses, (address) =>
      address === '::' || address === '0.0.0.0' || address === '255.255.255.255'
        ? address
        : this.one(address, 'address'),
    );
  }

  /** Every name that is known, within a sentence. */
  text(text: string): string {
    return this.withoutPhrases(this.addresses(text)).replace(words, (word) => this.word(word));
  }

  private word(word: string): string {
    const trimmed = word.replace(/[.@\\$-]+$/u, '');
    const known = this.names.get(trimmed.toLowerCase());
    // The parts of `dave@corp.example` and of `CORP\dave` are names of their own.
    const pseudonym = known ?? trimmed.replace(/[^@\\]+/gu, (part) => this.part(part));
    return pseudonym + word.slice(trimmed.length);
  }

  private part(part: string): string {
    if (/^(?:user|host|domain|address|capture|discriminator)-\d+$/.test(part)) return part;
    const known = this.names.get(part.toLowerCase());
    if (known !== undefined) return known;
    if (domain.test(part)) return this.one(part, 'domain');
    const lower = folded(part);
    let result = '';
    let done = 0;
    for (const { 0: piece, index } of part.matchAll(wordParts)) {
      if (index < done) continue;
      const joined = this.joined.longest(lower, index, (end) => !/^[\p{L}\p{N}_]/u.test(part.slice(end, end + 2)));
      const end = joined?.end ?? index + piece.length;
      result += part.slice(done, index) + (joined?.pseudonym ?? this.names.get(piece.toLowerCase()) ?? piece);
      done = end;
    }
    return result + part.slice(done);
  }

  /** At each place the longest phrase that stands there. */
  private withoutPhrases(text: string): string {
    if (this.phrases.empty) return text;
    const lower = folded(text);
    let result = '';
    for (let at = 0; at < text.length; ) {
      const phrase = this.phrases.longest(lower, at);
      result += phrase === null ? text.charAt(at) : phrase.pseudonym;
      at = phrase?.end ?? at + 1;
    }
    return result;
  }
}

/** The phrases that begin with one phrase or part of one, which ends with `letters`. */
interface Branch {
  letters: string;
  /** Of the phrase that ends here. */
  pseudonym: string | null;
  /** By their first letters. */
  branches: Map<string, Branch> | null;
}

/** A tree of beginnings: the work for a text goes with the text, however many phrases there are, and however long. */
class Phrases {
  private readonly root: Branch = { letters: '', pseudonym: null, branches: null };

  get empty(): boolean {
    return this.root.branches === null;
  }

  set(phrase: string, pseudonym: string): void {
    let branch = this.root;
    for (let at = 0; at < phrase.length; ) {
      const first = phrase.charAt(at);
      branch.branches ??= new Map();
      const next = branch.branches.get(first);
      if (next === undefined) {
        branch.branches.set(first, { letters: phrase.slice(at), pseudonym, branches: null });
        return;
      }
      const { letters } = next;
      let common = 1;
      while (common < letters.length && letters.charAt(common) === phrase.charAt(at + common)) common += 1;
      if (common < letters.length) {
        const rest = { ...next, letters: letters.slice(common) };
        next.letters = letters.slice(0, common);
        next.pseudonym = null;
        next.branches = new Map([[rest.letters.charAt(0), rest]]);
      }
      at += common;
      branch = next;
    }
    branch.pseudonym = pseudonym;
  }

  /** The longest that stands in the text at `at` and may end where it does. */
  longest(
    text: string,
    at: number,
    mayEnd: (end: number) => boolean = () => true,
  ): { readonly end: number; readonly pseudonym: string } | null {
    let found = null;
    let end = at;
    let branch = this.root.branches?.get(text.charAt(end));
    while (branch !== undefined && text.startsWith(branch.letters, end)) {
      end += branch.letters.length;
      if (branch.pseudonym !== null && mayEnd(end)) found = { end, pseudonym: branch.pseudonym };
      branch = branch.branches?.get(text.charAt(end));
    }
    return found;
  }
}

/** In lower case, letter by letter: every place stays where it is. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, at) => {
    const letter = text.charAt(at).toLowerCase();
    return letter.length === 1 ? letter : text.charAt(at);
  }).join('');
}

/** Learns every name before any is replaced: sentences quote names that stand further on. */
function collect(value: unknown, key: string, pseudonyms: Pseudonyms): void {
  if (typeof value === 'string') {
    const kind = nameKeys[key];
    if (kind !== undefined) pseudonyms.name(value, kind);
    return;
  }
  if (isIterable(value)) {
    for (const item of value) collect(item, key, pseudonyms);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (isLookup(value, name) && typeof item === 'string') pseudonyms.name(item, 'domain');
    else collect(item, name, pseudonyms);
  }
}

function replaced(value: unknown, key: string, pseudonyms: Pseudonyms, side: string | null): unknown {
  if (typeof value === 'string') {
    const kind = nameKeys[key];
    if (kind !== undefined) return pseudonyms.name(value, kind);
    if (side === 'identification') return identification(value, pseudonyms);
    return textKeys.has(key) ? pseudonyms.text(value) : pseudonyms.addresses(value);
  }
  if (Array.isArray(value)) return value.map((item) => replaced(item, key, pseudonyms, side));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (isLookup(value, name) && typeof item === 'string') return [name, pseudonyms.name(item, 'domain')];
      const sentence = name === 'advice' && 'cause' in value;
      return [name, replaced(item, sentence ? 'text' : name, pseudonyms, key === 'identification' ? key : side)];
    }),
  );
}

/** `MSRASV5.20` is the generation of a system; what follows `MSRAS-0-`, and other texts, name a computer. RFC 1570 §2.1 */
function identification(text: string, pseudonyms: Pseudonyms): string {
  if (/^MSRASV\d/.test(text)) return text;
  const named = /^(MSRAS-\d-)([\s\S]*)$/.exec(text);
  return named === null ? pseudonyms.name(text, 'host') : `${named[1]}${pseudonyms.name(named[2] ?? '', 'host')}`;
}

/** The name of a DNS question stands beside its outcome. */
function isLookup(value: object, key: string): boolean {
  return key === 'name' && 'outcome' in value && 'frame' in value;
}
