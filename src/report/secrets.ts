/** A report without what an analysis was asked to keep for those who look at packets. */
import { MappedList } from '../octets/packed-list.ts';
import type { ReportSource, TunnelReport } from './contract.ts';

/** What the same analysis gives without `keepSecrets`. */
export function withoutSecrets({ secretsShown: _, ...source }: ReportSource): ReportSource {
  return { ...source, tunnels: new MappedList(source.tunnels, uncovered) };
}

function uncovered(tunnel: TunnelReport): TunnelReport {
  const calls = tunnel.calls.map((call) => ({
    ...call,
    authentication: call.authentication.map(({ secrets: _, ...exchange }) => exchange),
  }));
  return { ...tunnel, calls };
}
