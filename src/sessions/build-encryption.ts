/** From the state of a call to the model of its encryption: what CCP agreed, and what the packets show. */
import { mppeBits, strongest } from '../ppp/ccp.ts';
import type { CallState } from './call-state.ts';
import { otherEnd } from './ends.ts';
import type { GreFlow } from './gre-flow.ts';
import type { Encryption } from './model/encryption.ts';
import type { CompressedData } from './user-data.ts';

type Agreement = Pick<Encryption, 'method' | 'bits' | 'stateless' | 'mppc' | 'agreed'>;

const nothingAgreed: Agreement = { method: 'none', bits: null, stateless: null, mppc: null, agreed: 'none' };

/** `over`: the call. `carries`: the call's own user data. */
export function buildEncryption(call: CallState, over: boolean, carries: boolean): Encryption {
  const { link } = call;
  const flows = carries ? call.flows.filter((flow) => flow !== null) : [];
  const compressed = compressedDataOf(flows);
  const clear = flows.flatMap(({ clearData }) => clearData ?? []);
  const negotiation = link.ccp;
  const ccp = negotiation?.outcome(over, compressed.length > 0) ?? 'not-seen';
  const agreement = agreed(call, ccp, flows);
  // Of another method these octets are not MPPE's header.
  const mppe = agreement.method === 'mppe' ? compressed : [];
  return {
    ccp,
    ...agreement,
    cut: ccp === 'opened' && (negotiation?.ends ?? []).some(({ agreedCut }) => agreedCut),
    encryptedPackets: sum(mppe, ({ encryptedBit }) => encryptedBit),
    clearDataPackets: sum(clear, ({ packets }) => packets),
    resetRequests: link.resetRequests,
    resetAcks: link.resetAcks,
    coherencyGaps: sum(mppe, ({ irregularities }) => irregularities.coherencyGaps),
    openedFrame: (ccp === 'opened' && negotiation?.openedFrame) || null,
    firstFrame: negotiation?.firstFrame || null,
    lastFrame: negotiation?.lastFrame || null,
    mppeNegotiation: link.mppe?.model(call.tunnel.clientEnd) ?? { client: null, server: null },
    evidence: {
      firstEncryptedFrame: first(compressed, (data) => data.firstEncryptedFrame),
      firstClearFrame: first(clear, ({ firstFrame }) => firstFrame),
      clearAfterEncrypted: sum(clear, ({ afterEncrypted }) => afterEncrypted),
      clearAfterEncryptedFrame: first(clear, ({ afterEncryptedFrame }) => afterEncryptedFrame),
      clearOfOtherProtocols: sum(clear, ({ ofOtherProtocols }) => ofOtherProtocols),
      compressedPackets: agreement.method === 'mppe' ? 0 : sum(compressed, ({ packets }) => packets),
      unencryptedMppePackets: sum(mppe, ({ packets, encryptedBit }) => packets - encryptedBit),
      unencryptedMppeFrame: first(mppe, ({ irregularities }) => irregularities.firstUnencryptedFrame),
      changedDuplicates: sum(flows, ({ oddities }) => oddities.repeats?.changed ?? 0),
      changedDuplicateFrame: first(flows, ({ oddities }) => oddities.repeats?.changedFrame ?? 0),
      repeatedCounts: sum(mppe, ({ irregularities }) => irregularities.repeatedCounts),
      repeatedCountFrame: first(mppe, ({ irregularities }) => irregularities.repeatedCountFrame),
      resetFrames: [...link.resetFrames],
      unflushedPackets: unflushedPackets(call, agreement),
    },
  };
}

/** What one end had acknowledged counts only where CCP opened, or where the traffic shows that it did. */
function agreed({ link }: CallState, ccp: Encryption['ccp'], flows: readonly GreFlow[]): Agreement {
  const compressed = compressedDataOf(flows);
  const took = ccp === 'opened' || compressed.length > 0;
  const options = took ? (link.ccp?.ends ?? []).flatMap((requests) => requests.agreed ?? []) : [];
  const masks = options.flatMap((option) => (option.name === 'mppe' ? [option.value.supportedBits] : []));
  if (masks.length > 0) return agreedOnMppe(masks);
  const [chosen] = options;
  if (chosen !== undefined) {
    const nameless = chosen.name === 'unknown' || chosen.name === 'malformed';
    return { ...nothingAgreed, method: nameless ? `option ${chosen.type}` : chosen.name, agreed: 'negotiated' };
  }
  if (!looksLikeMppe(flows)) return nothingAgreed;
  const encrypted = sum(compressed, ({ encryptedBit }) => encryptedBit);
  return {
    method: 'mppe',
    bits: null,
    stateless: sum(compressed, ({ flushedBit }) => flushedBit) === encrypted,
    mppc: sum(compressed, ({ irregularities }) => irregularities.compressedBit) > 0,
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
  const unflushed = (flow: GreFlow | null): number => {
    const data = flow?.compressedData ?? null;
    return data === null || !must ? 0 : Math.max(0, data.encryptedBit - data.flushedBit);
  };
  const client = call.tunnel.clientEnd;
  return { client: unflushed(call.flow(client)), server: unflushed(call.flow(otherEnd(client))) };
}

function compressedDataOf(flows: readonly GreFlow[]): CompressedData[] {
  return flows.flatMap(({ compressedData }) => compressedData ?? []);
}

function sum<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

/** The lowest frame number that is not 0. */
function first<One>(all: readonly One[], frameOf: (one: One) => number): number | null {
  const frames = all.map(frameOf).filter((frame) => frame !== 0);
  return frames.length === 0 ? null : Math.min(...frames);
}

/**
 * Without CCP in the capture: PPP 0x00FD whose first word counts up by one under the encrypted bit is MPPE. Sequence numbers of
 * Deflate count up as well, and from 4,096 to 8,191 they have that bit (RFC 1979 §2.2); but neither bit A, which MPPE sets
 * wherever its tables begin anew (RFC 3078 §3.1), nor behind them what begins no block.
 */
function looksLikeMppe(flows: readonly GreFlow[]): boolean {
  return (
    compressedDataOf(flows).some((data) => data.flushedBit > 0 || data.irregularities.noDeflate) &&
    flows.every(
      ({ compressedData: data, sequence }) =>
        data === null ||
        (data.encryptedBit === data.packets &&
          // One that comes late leaves a gap before it was overtaken, one in front of it and one behind it.
          data.irregularities.coherencyGaps <= sequence.lost + sequence.reordered * 3 + 1),
    )
  );
}
