/**
 * The audit: every rule over the finished model of every tunnel. Order: as the tunnels and calls stand in the report, and
 * within one as the rules' table has it.
 */
import { Limits } from '../octets/limits.ts';
import type { Tunnel } from '../sessions/model.ts';
import type { Finding } from './finding.ts';
import type { Hit, Rule } from './rules/rule.ts';
import { rules } from './rules/table.ts';

export interface AuditOptions {
  /** Ids of rules that are not asked. */
  readonly ignore?: readonly string[];
  readonly limits?: Limits;
}

/** The findings of all captures. A rule that looks at several tunnels sees those of one capture at a time. */
export function audit(tunnels: readonly Tunnel[], options: AuditOptions = {}): Finding[] {
  const asked = rules.filter(({ id }) => !options.ignore?.includes(id));
  const limits = options.limits ?? new Limits();
  const found: Finding[] = [];
  const add = (rule: Rule, hit: Hit | null, tunnel: string, call: string | null): void => {
    const finding = hit === null ? null : findingOf(rule, hit, tunnel, call, limits);
    if (finding !== null) found.push(finding);
  };
  for (const together of byCapture(tunnels)) {
    for (const rule of asked) {
      if (rule.scope !== 'capture') continue;
      for (const hit of rule.find(together)) add(rule, hit, hit.tunnel, hit.call);
    }
  }
  for (const tunnel of tunnels) {
    for (const rule of asked) {
      if (rule.scope === 'tunnel') add(rule, rule.find(tunnel), tunnel.id, null);
    }
    for (const call of tunnel.calls) {
      for (const rule of asked) {
        if (rule.scope === 'call') add(rule, rule.find(call, tunnel), tunnel.id, call.id);
      }
    }
  }
  return inOrder(found, tunnels);
}

function findingOf(rule: Rule, hit: Hit, tunnel: string, call: string | null, limits: Limits): Finding | null {
  const frames = sorted(hit.frames, limits);
  // No evidence, no claim.
  if (frames.length === 0) return null;
  return {
    rule: rule.id,
    severity: hit.severity ?? rule.severity,
    basis: hit.basis,
    title: rule.title,
    tunnel,
    call,
    frames,
    detail: `${capitalised(hit.detail)} ${rule.why}`,
    advice: rule.advice,
    references: rule.references,
  };
}

/** The frames that are known, in order, each once. */
function sorted(frames: readonly (number | null)[], limits: Limits): number[] {
  const known = frames.filter((frame) => frame !== null).sort((a, b) => a - b);
  const different = known.filter((frame, index) => index === 0 || frame !== known[index - 1]);
  const most = limits.bounds['finding-frames'];
  if (different.length > most) limits.reached('finding-frames');
  return different.slice(0, most);
}

function byCapture(tunnels: readonly Tunnel[]): Tunnel[][] {
  const captures = new Map<number, Tunnel[]>();
  for (const tunnel of tunnels) {
    const list = captures.get(tunnel.capture);
    if (list === undefined) captures.set(tunnel.capture, [tunnel]);
    else list.push(tunnel);
  }
  return [...captures.values()];
}

function inOrder(found: Finding[], tunnels: readonly Tunnel[]): Finding[] {
  const places = new Map<string, number>();
  for (const tunnel of tunnels) {
    places.set(tunnel.id, places.size);
    for (const call of tunnel.calls) places.set(call.id, places.size);
  }
  const place = (finding: Finding): number => places.get(finding.call ?? finding.tunnel) ?? 0;
  const rank = new Map(rules.map(({ id }, index) => [id, index]));
  return found.sort((a, b) => place(a) - place(b) || (rank.get(a.rule) ?? 0) - (rank.get(b.rule) ?? 0));
}

function capitalised(text: string): string {
  const first = text.charAt(0);
  const upper = first.toUpperCase();
  return first === upper ? text : upper + text.slice(1);
}
