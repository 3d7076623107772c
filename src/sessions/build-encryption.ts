/** From the state of a call to the model of its encryption: what CCP agreed, and what the packets show. */
import { mppeBits, strongest } from '../ppp/ccp.ts';
import type { CallState } from './call-state.ts';
import { otherEnd } from './ends.ts';
import type { GreFlow } from './gre-flow.ts';
import type { Encryption } from './model/encryption.ts';

type Agreement = Pick<Encryption, 'method' | 'bits' | 'stateless' | 'mppc' | 'agreed'>;

const nothingAgreed: Agreement = { method: 'none', bits: null, stateless: null, mppc: null, agreed: 'none' };

/** `over`: the call. `carries`: the call's own user data. */
export function buildEncryption(call: CallState, over: boolean, carries: boolean): Encryption {
  const { link } = call;
  const flows = carries ? call.flows.filter((flow) => flow !== null) : [];
  const all = (of: (flow: GreFlow) => number): number => sum(flows, of);
  const negotiation = link.ccp;
  const ccp = negotiation?.outcome(over, all((flow) => flow.compressedPackets) > 0) ?? 'not-seen';
  const agreement = agreed(call, ccp, flows);
  // Of another method these octets are not MPPE's header.
  const mppe = agreement.method === 'mppe' ? flows : [];
  return {
    ccp,
    ...agreement,
    cut: ccp === 'opened' && (negotiation?.ends ?? []).some(({ agreedCut }) => agreedCut),
    encryptedPackets: sum(mppe, (flow) => flow.encryptedBitPackets),
    clearDataPackets: all((flow) => flow.clearPackets),
    resetRequests: link.resetRequests,
    resetAcks: link.resetAcks,
    coherencyGaps: sum(mppe, (flow) => flow.oddities.coherencyGaps),
    openedFrame: (ccp === 'opened' && negotiation?.openedFrame) || null,
    firstFrame: negotiation?.firstFrame || null,
    lastFrame: negotiation?.lastFrame || null,
    mppeNegotiation: link.mppeModel(call.tunnel.clientEnd),
    evidence: {
      firstEncryptedFrame: first(flows, (flow) => flow.firstEncryptedFrame),
      firstClearFrame: first(flows, (flow) => flow.firstClearFrame),
      clearAfterEncrypted: all((flow) => flow.oddities.clearAfterEncrypted),
      clearAfterEncryptedFrame: first(flows, (flow) => flow.oddities.clearAfterEncryptedFrame),
      clearOfOtherProtocols: all((flow) => flow.oddities.clearOfOtherProtocols),
      compressedPackets: agreement.method === 'mppe' ? 0 : all((flow) => flow.compressedPackets),
      unencryptedMppePackets: sum(mppe, (flow) => flow.compressedPackets - flow.encryptedBitPackets),
      unencryptedMppeFrame: first(mppe, (flow) => flow.oddities.firstUnencryptedFrame),
      changedDuplicates: all((flow) => flow.oddities.changedDuplicates),
      changedDuplicateFrame: first(flows, (flow) => flow.oddities.changedDuplicateFrame),
      repeatedCounts: sum(mppe, (flow) => flow.oddities.repeatedCounts),
      repeatedCountFrame: first(mppe, (flow) => flow.oddities.repeatedCountFrame),
      resetFrames: [...link.resetFrames],
      unflushedPackets: unflushedPackets(call, agreement),
    },
  };
}

/** What one end had acknowledged counts only where CCP opened, or where the traffic shows that it did. */
function agreed({ link }: CallState, ccp: Encryption['ccp'], flows: readonly GreFlow[]): Agreement {
  const took = ccp === 'opened' || sum(flows, (flow) => flow.compressedPackets) > 0;
  const options = took ? (link.ccp?.ends ?? []).flatMap((requests) => requests.agreed ?? []) : [];
  const masks = options.flatMap((option) => (option.name === 'mppe' ? [option.value.supportedBits] : []));
  if (masks.length > 0) return agreedOnMppe(masks);
  const [chosen] = options;
  if (chosen !== undefined) {
    const nameless = chosen.name === 'unknown' || chosen.name === 'malformed';
    return { ...nothingAgreed, method: nameless ? `option ${chosen.type}` : chosen.name, agreed: 'negotiated' };
  }
  if (!looksLikeMppe(flows)) return nothingAgreed;
  const encrypted = sum(flows, (flow) => flow.encryptedBitPackets);
  return {
    method: 'mppe',
    bits: null,
    stateless: sum(flows, (flow) => flow.flushedBitPackets) === encrypted,
    mppc: sum(flows, (flow) => flow.oddities.compressedBitPackets) > 0,
    agreed: 'inferred',
  };
}

/** `masks`: the supported bits of each direction. They are negotiated apart; the link is as weak as the weaker one. */
function agreedOnMppe(masks: readonly number[]): Agreement {
  const strengths = masks.map(strongest);
  const mppc = masks.some((mask) => (mask & mppeBits.mppc) !== 0);
  const bits = strengths.includes(null)
    ? null
    : (([40, 56, 128] as const).find((one) => strengths.includes(one)) ?? null);
  return {
    method: bits !== null ? 'mppe' : mppc ? 'mppc' : 'none',
    bits,
    stateless: masks.every((mask) => (mask & mppeBits.stateless) !== 0),
    mppc,
    agreed: 'negotiated',
  };
}

/** Encrypted packets without bit A, where all must have it. */
function unflushedPackets(
  call: CallState,
  { method, stateless, agreed }: Agreement,
): { client: number; server: number } {
  const must = method === 'mppe' && agreed === 'negotiated' && stateless === true;
  const unflushed = (flow: GreFlow | null): number =>
    flow === null || !must ? 0 : Math.max(0, flow.encryptedBitPackets - flow.flushedBitPackets);
  const client = call.tunnel.clientEnd;
  return { client: unflushed(call.flow(client)), server: unflushed(call.flow(otherEnd(client))) };
}

function sum(flows: readonly GreFlow[], of: (flow: GreFlow) => number): number {
  return flows.reduce((total, flow) => total + of(flow), 0);
}

/** The lowest frame number that is not 0. */
function first(flows: readonly GreFlow[], frameOf: (flow: GreFlow) => number): number | null {
  const frames = flows.map(frameOf).filter((frame) => frame !== 0);
  return frames.length === 0 ? null : Math.min(...frames);
}

/**
 * Without CCP in the capture: PPP 0x00FD whose first word counts up by one under the encrypted bit is MPPE. Sequence numbers of
 * Deflate count up as well, and from 4,096 to 8,191 they have that bit (RFC 1979 §2.2); but neither bit A, which MPPE sets
 * wherever its tables begin anew (RFC 3078 §3.1), nor behind them what begins no block.
 */
function looksLikeMppe(flows: readonly GreFlow[]): boolean {
  const compressed = flows.filter((flow) => flow.compressedPackets > 0);
  return (
    compressed.some(({ flushedBitPackets, oddities }) => flushedBitPackets > 0 || oddities.noDeflate) &&
    compressed.every(
      (flow) =>
        flow.encryptedBitPackets === flow.compressedPackets &&
        // One that comes late leaves a gap before it was overtaken, one in front of it and one behind it.
        flow.oddities.coherencyGaps <= flow.sequence.lost + flow.sequence.reordered * 3 + 1,
    )
  );
}
