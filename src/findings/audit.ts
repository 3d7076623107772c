/**
 * The audit: every rule over the finished model of every tunnel. Order: as the tunnels and calls stand in the report, and
 * within one as the rules' table has it.
 */
import type { Tunnel } from '../sessions/model.ts';
import type { Finding } from './finding.ts';
import type { Hit, Rule } from './rules/rule.ts';
import { rules } from './rules/table.ts';

/** Frames named by one finding. */
const framesAtMost = 64;

export interface AuditOptions {
  /** Ids of rules that are not asked. */
  readonly ignore?: readonly string[];
}

/** The findings of all captures. A rule that looks at several tunnels sees those of one capture at a time. */
export function audit(tunnels: readonly Tunnel[], options: AuditOptions = {}): Finding[] {
  const asked = rules.filter(({ id }) => !options.ignore?.includes(id));
  const found: Finding[] = [];
  for (const together of byCapture(tunnels)) {
    for (const rule of asked) {
      if (rule.scope !== 'capture') continue;
      for (const hit of rule.find(together)) add(found, rule, hit, hit.tunnel, hit.call);
    }
  }
  for (const tunnel of tunnels) {
    for (const rule of asked) {
      if (rule.scope === 'tunnel') add(found, rule, rule.find(tunnel), tunnel.id, null);
    }
    for (const call of tunnel.calls) {
      for (const rule of asked) {
        if (rule.scope === 'call') add(found, rule, rule.find(call, tunnel), tunnel.id, call.id);
      }
    }
  }
  return inOrder(found, tunnels);
}

function add(found: Finding[], rule: Rule, hit: Hit | null, tunnel: string, call: string | null): void {
  if (hit === null) return;
  const frames = sorted(hit.frames);
  // No evidence, no claim.
  if (frames.length === 0) return;
  found.push({
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
  });
}

/** The frames that are known, in order, each once. */
function sorted(frames: readonly (number | null)[]): number[] {
  const known = frames.filter((frame) => frame !== null).sort((a, b) => a - b);
  return known.filter((frame, index) => index === 0 || frame !== known[index - 1]).slice(0, framesAtMost);
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
