/**
 * The audit: every rule over the finished model of every tunnel. Order: as the tunnels and calls stand in the report, and
 * within one as the rules' table has it.
 */
import { Limits } from '../octets/limits.ts';
import { capitalised } from '../octets/words.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import type { Finding } from './finding.ts';
import type { CallRule, CaptureLook, Hit, Rule, TunnelRule } from './rules/rule.ts';
import { rules } from './rules/table.ts';

export interface AuditOptions {
  /** Ids of rules that are not asked. */
  readonly ignore?: readonly string[];
  readonly limits?: Limits;
}

/**
 * The audit of a report. It sees every tunnel first, for the rules that look at several of one capture, and is asked about
 * each after that, in the same order.
 */
export class Audit {
  private readonly asked: readonly Rule[];
  private readonly ofTunnels: readonly TunnelRule[];
  private readonly ofCalls: readonly CallRule[];
  private readonly limits: Limits;
  /** Of each capture. */
  private readonly looks = new Map<number, readonly { readonly rule: Rule; readonly look: CaptureLook }[]>();
  /** What those found, by id of the tunnel or call; null until all tunnels were seen. */
  private placed: Map<string, Finding[]> | null = null;

  constructor(options: AuditOptions = {}) {
    this.asked = rules.filter(({ id }) => !options.ignore?.includes(id));
    this.ofTunnels = this.asked.filter((rule) => rule.scope === 'tunnel');
    this.ofCalls = this.asked.filter((rule) => rule.scope === 'call');
    this.limits = options.limits ?? new Limits();
  }

  see(tunnel: Tunnel): void {
    let looks = this.looks.get(tunnel.capture);
    if (looks === undefined) {
      looks = this.asked.flatMap((rule) => (rule.scope === 'capture' ? [{ rule, look: rule.look() }] : []));
      this.looks.set(tunnel.capture, looks);
    }
    for (const { look } of looks) look.see(tunnel);
  }

  /** What there is to say about a tunnel and its calls. */
  findingsOf(tunnel: Tunnel): Finding[] {
    this.placed ??= this.place();
    const placed = this.placed.get(tunnel.id) ?? [];
    const found = [...placed];
    for (const rule of this.ofTunnels) this.add(found, rule, rule.find(tunnel), tunnel.id, null);
    if (placed.length > 0) inOrder(found);
    for (const call of tunnel.calls) {
      const placedThere = this.placed.get(call.id) ?? [];
      const ofCall = [...placedThere];
      for (const rule of this.ofCalls) this.add(ofCall, rule, rule.find(call, tunnel), tunnel.id, call.id);
      // Rules are asked in the table's order.
      if (placedThere.length > 0) inOrder(ofCall);
      found.push(...ofCall);
    }
    return found;
  }

  private place(): Map<string, Finding[]> {
    const placed = new Map<string, Finding[]>();
    for (const looks of this.looks.values()) {
      for (const { rule, look } of looks) {
        for (const hit of look.hits()) {
          const place = hit.call ?? hit.tunnel;
          const found = placed.get(place) ?? [];
          placed.set(place, found);
          this.add(found, rule, hit, hit.tunnel, hit.call);
        }
      }
    }
    return placed;
  }

  private add(found: Finding[], rule: Rule, hit: Hit | null, tunnel: string, call: string | null): void {
    const finding = hit === null ? null : findingOf(rule, hit, tunnel, call, this.limits);
    if (finding !== null) found.push(finding);
  }
}

/** The findings of all captures. */
export function audit(tunnels: readonly Tunnel[], options: AuditOptions = {}): Finding[] {
  const whole = new Audit(options);
  for (const tunnel of tunnels) whole.see(tunnel);
  return tunnels.flatMap((tunnel) => whole.findingsOf(tunnel));
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
  const known = frames.filter((frame) => frame !== null);
  if (known.length <= 1) return known;
  known.sort((a, b) => a - b);
  const different = known.filter((frame, index) => index === 0 || frame !== known[index - 1]);
  const most = limits.bounds['finding-frames'];
  if (different.length > most) limits.reached('finding-frames');
  return different.slice(0, most);
}

const rank: ReadonlyMap<string, number> = new Map(rules.map(({ id }, index) => [id, index]));

/** Of one tunnel or call, as the rules' table has it. */
function inOrder(found: Finding[]): void {
  found.sort((a, b) => (rank.get(a.rule) ?? 0) - (rank.get(b.rule) ?? 0));
}
