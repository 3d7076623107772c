/**
 * What a rule of the audit is: words for people (what, why, what to do), and a look at the finished model that answers with
 * frames. A rule that cannot name a frame does not fire.
 */
import type { Call } from '../../sessions/model/call.ts';
import type { Tunnel } from '../../sessions/model/tunnel.ts';
import type { Finding } from '../finding.ts';

export type Severity = Finding['severity'];

/** From the worst down. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** What a rule saw. */
export interface Hit {
  readonly basis: Finding['basis'];
  /** Those that are not known are left out. */
  readonly frames: readonly (number | null)[];
  /** What was seen, in one sentence or two. */
  readonly detail: string;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
}

/** A hit of a rule that looks at all tunnels. */
export interface PlacedHit extends Hit {
  readonly tunnel: string;
  readonly call: string | null;
}

interface RuleText {
  /** Stable kebab-case id. */
  readonly id: string;
  /** A few words. */
  readonly title: string;
  readonly severity: Severity;
  /** What the weakness is. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly advice: string;
  /** RFCs, papers, advisories. */
  readonly references: readonly string[];
  /** What must be in the packets for the rule to fire. */
  readonly evidence: string;
}

export interface CallRule extends RuleText {
  readonly scope: 'call';
  find(call: Call, tunnel: Tunnel): Hit | null;
}

export interface TunnelRule extends RuleText {
  readonly scope: 'tunnel';
  find(tunnel: Tunnel): Hit | null;
}

/** Sees every tunnel of one capture in turn, and keeps of it no more than it needs: there may be very many. */
export interface CaptureLook {
  see(tunnel: Tunnel): void;
  /** After the last. */
  hits(): PlacedHit[];
}

/** Looks at all tunnels of one capture together. */
export interface CaptureRule extends RuleText {
  readonly scope: 'capture';
  look(): CaptureLook;
}

export type Rule = CallRule | TunnelRule | CaptureRule;
