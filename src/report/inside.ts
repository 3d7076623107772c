/** What `decrypt` tells of each call: whether a password fits, and what became of its network packets. */
import { protocolTitle } from '../findings/stages.ts';
import { counted } from '../octets/words.ts';
import type { CallInside, InnerCounts } from '../sessions/call-inside.ts';
import type { Authentication } from '../sessions/model/authentication.ts';

/** What is told of a call as JSON. */
export interface InsideReport {
  tunnel: string;
  call: string;
  user: string | null;
  /** Of the exchange that the keys come from, or that no password explains; null where the call has none of MS-CHAP. */
  protocol: string | null;
  /** Frame of the response that one of the passwords explains; null where none does. */
  confirmedByFrame: number | null;
  /** Whether the server's `S=` fits the same password; null where it is not in the capture. RFC 2759 §8.7 */
  serverKnowsPassword: boolean | null;
  /** As in the report of the call. */
  method: string;
  bits: number | null;
  stateless: boolean | null;
  packets: InnerCounts;
}

export function insideReport({ tunnel, call, confirmed: [confirmed], packets }: CallInside): InsideReport {
  const exchange = confirmed?.exchange ?? call.authentication.find(isMsChap) ?? null;
  const { method, bits, stateless } = call.encryption;
  return {
    tunnel: tunnel.id,
    call: call.id,
    user: (exchange ?? call.authentication[0])?.user ?? null,
    protocol: exchange?.protocol ?? null,
    confirmedByFrame: confirmed?.attempt.responseFrame ?? null,
    serverKnowsPassword: confirmed?.serverKnowsPassword ?? null,
    method,
    bits,
    stateless,
    packets,
  };
}

/** Two lines for a call that had network packets or a password to be asked about; none for others. Not yet escaped. */
export function insideText(inside: CallInside, asked: boolean): string[] {
  const report = insideReport(inside);
  const { call, packets } = report;
  const carried = Object.values(packets).some((count) => count > 0);
  if (!carried && report.confirmedByFrame === null) return [];
  const user = report.user === null ? 'no user' : `"${report.user}"`;
  return [[call, user, ...keyWords(inside, report, asked)].join(', '), `  ${countWords(report)}`];
}

function keyWords({ call }: CallInside, report: InsideReport, asked: boolean): string[] {
  const { protocol, confirmedByFrame, serverKnowsPassword, packets } = report;
  if (confirmedByFrame !== null) {
    const server = {
      true: "; the server's S= fits it too",
      false: "; the server's S= does not fit it: the server does not know it",
      null: '',
    }[`${serverKnowsPassword}`];
    return [protocolTitle(protocol ?? ''), `password confirmed by frame ${confirmedByFrame}${server}`];
  }
  if (packets.withoutKey === 0) return [];
  if (protocol === null) {
    const shown = call.authentication.map((exchange) => protocolTitle(exchange.protocol));
    return shown.length === 0
      ? ['its authentication is not in the capture']
      : [...new Set(shown), 'which gives no keys that a password opens'];
  }
  const whole = call.authentication.some(({ secrets }) => (secrets?.attempts ?? []).length > 0);
  if (!whole) return [protocolTitle(protocol), 'challenge and response are not both in the capture'];
  return [protocolTitle(protocol), asked ? 'no password fits' : 'no password given'];
}

function countWords({ method, bits, stateless, packets }: InsideReport): string {
  const { clear, decrypted, withoutKey, lost, late, unreadable, decompressed, compressed } = packets;
  const mode = stateless === null ? '' : stateless ? ', stateless' : ', stateful';
  const mppe = `MPPE${bits === null ? '' : ` ${bits} bits`}${mode}: `;
  const compression = { mppc: 'MPPC alone: ', deflate: 'Deflate: ', 'deflate-draft': 'Deflate: ' }[method] ?? '';
  const encryption = method === 'mppe' ? mppe : compression;
  const parts = [
    decrypted > 0 ? `${counted(decrypted, 'packet')} decrypted` : '',
    clear > 0 ? `${clear} in clear` : '',
    decompressed > 0 ? `${decompressed} of these decompressed` : '',
    withoutKey > 0 ? `${withoutKey} not decrypted` : '',
    lost > 0 ? `${lost} behind losses, with nothing to go on from` : '',
    late > 0 ? `${late} too late` : '',
    unreadable > 0 ? `${unreadable} unreadable` : '',
    compressed > 0 ? `${compressed} compressed, which is not undone` : '',
  ];
  return encryption + (parts.filter((part) => part !== '').join(', ') || 'no network packets');
}

function isMsChap({ protocol }: Authentication): boolean {
  return protocol === 'ms-chap-v1' || protocol === 'ms-chap-v2' || protocol === 'eap-ms-chap-v2';
}
