/**
 * Tunnels that all say the same, as a busy server, scans, health checks and a client that tries again and again leave them: the
 * first ones stand for all. Of those with a call each is named, in a line and its causes; those without are only counted.
 */
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { endpointText } from '../../octets/address.ts';
import { sides } from '../../sessions/ends.ts';
import type { TunnelReport } from '../contract.ts';
import type { Page } from './page.ts';
import { reference, span } from './span.ts';
import { sameConnection, type Telling, type Told } from './verdict.ts';

/** Of a kind that are told whole. */
const wholeAtMost = { withoutCall: 3, withCalls: 16 };
/** Kinds that are told apart; of others every tunnel is told whole. */
const kindsAtMost = 1024;

interface Kind {
  readonly first: string;
  readonly server: string;
  readonly more: 'short' | 'counted';
  readonly wholeAtMost: number;
  count: number;
}

export class Crowd {
  private readonly kinds = new Map<string, Kind>();
  /** Where nothing but the command line tells more, tunnels with calls are told whole. */
  private readonly inShort: boolean;

  constructor(kind: Page['kind']) {
    this.inShort = kind === 'lines';
  }

  /** `own`: its diagnoses, the decisive one first. */
  telling(tunnel: TunnelReport, verdicts: readonly Told[], own: readonly Diagnosis[]): Telling {
    const { id, calls } = tunnel;
    if (calls.length > 0 && !this.inShort) return 'whole';
    const server = endpointText(tunnel.server);
    const key = `${server} ${calls.length === 0 ? saidWithoutCall(verdicts, own) : saidOfCalls(tunnel, own)}`;
    const kind = this.kinds.get(key);
    if (kind === undefined) {
      if (this.kinds.size >= kindsAtMost) return 'whole';
      const told =
        calls.length === 0
          ? ({ more: 'counted', wholeAtMost: wholeAtMost.withoutCall } as const)
          : ({ more: 'short', wholeAtMost: wholeAtMost.withCalls } as const);
      this.kinds.set(key, { first: id, server, count: 1, ...told });
      return 'whole';
    }
    kind.count += 1;
    return kind.count > kind.wholeAtMost ? kind.more : 'whole';
  }

  write(page: Page): void {
    const crowded = [...this.kinds.values()].filter((kind) => kind.count > kind.wholeAtMost);
    if (crowded.length > 0) page.blank();
    // A document is kept, and read without the command line.
    const where = page.kind === 'document' ? 'the JSON report has them all' : '--verbose';
    for (const { first, server, count, more, wholeAtMost } of crowded) {
      const who = `  ${count - wholeAtMost} more to ${server} like `;
      const how = more === 'short' ? ', told in short' : '';
      page.paragraph([span(who, 'faint'), reference(first, 'faint'), span(`${how}: ${where}`, 'faint')]);
    }
  }
}

function saidWithoutCall([told]: readonly Told[], own: readonly Diagnosis[]): string {
  return `${told?.verdict.text} ${own[0]?.cause ?? ''}`;
}

/** Times and counts differ from call to call; what happened, why, how it was protected and what is odd are what makes them alike. */
function saidOfCalls(tunnel: TunnelReport, own: readonly Diagnosis[]): string {
  const { calls, control, icmpErrors, roles } = tunnel;
  const distinct = (words: readonly string[]): string[] => [...new Set(words)].toSorted();
  const odd = (anomalies: readonly { code: string }[]): string[] => distinct(anomalies.map(({ code }) => code));
  const ofCalls = calls.map(({ outcome, stages, authentication, encryption, greFromOtherAddress, anomalies }) => [
    outcome,
    stages.map(({ status }) => status),
    authentication.map(({ protocol }) => protocol),
    [encryption.method, encryption.bits, encryption.stateless],
    sides.map((side) => greFromOtherAddress[side] !== null),
    odd(anomalies),
  ]);
  return JSON.stringify([
    own.map(({ cause }) => cause),
    [control !== null, roles, sameConnection(tunnel) !== ''],
    distinct(icmpErrors.map(({ name }) => name)),
    odd(control?.anomalies ?? []),
    ofCalls,
  ]);
}
