/** Captures that are read for a report and, once more, for the diagrams of its calls. */
import type { AnalysisOptions } from '../analysis-options.ts';
import { Limits } from '../octets/limits.ts';
import type { ReportSource } from '../report/contract.ts';
import { Diagrams } from '../report/diagrams.ts';
import { withoutSecrets } from '../report/secrets.ts';
import type { Openable } from './inputs.ts';
import { type PacketSink, viewPackets } from './packets.ts';
import type { ReadProgress } from './reading.ts';
import type { Copies } from './two-passes.ts';

export interface DiagramReading extends AnalysisOptions {
  /** `again`: read for the diagrams. */
  onProgress?: (progress: ReadProgress, again: boolean) => void;
}

/** As `readTwice`. Of a report of more tunnels than `drawn-tunnels` nothing is read again. */
export async function readWithDiagrams(
  captures: readonly Openable[],
  { keepSecrets, onProgress = () => {}, ...options }: DiagramReading,
  copies: Copies,
): Promise<{ source: ReportSource; diagrams: Diagrams }> {
  const diagrams = new Diagrams(new Limits(options.limits));
  const found: ReportSource[] = [];
  const sink: PacketSink = {
    report(source) {
      found.push(source);
      return diagrams.takes(source.tunnels.length) ? source.tunnels : null;
    },
    capture: (index, path, timing) => diagrams.capture(index, { path, ...timing }),
    wants: () => 'yes',
    interest: (owner) => owner !== null,
    packet(packet) {
      diagrams.packet(packet);
      return true;
    },
    counted: (packet) => diagrams.counted(packet),
    flush: () => Promise.resolve(),
    progress: (read) => onProgress(read, true),
  };
  const reading = { ...options, all: false, onProgress: (read: ReadProgress) => onProgress(read, false) };
  const reached = await viewPackets(captures, reading, sink, copies);
  const [source] = found;
  if (source === undefined) throw new Error('captures were read without a report');
  diagrams.finish(reached.slice(source.limitsReached.length));
  return { source: keepSecrets === true ? source : withoutSecrets(source), diagrams };
}
