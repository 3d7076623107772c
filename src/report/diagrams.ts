/**
 * The sequence diagrams of a report's calls, kept for a document: of each call the rungs that the command `ladder` draws, as
 * many as the limits allow.
 */
import type { Limits, ReachedLimit } from '../octets/limits.ts';
import { counted } from '../octets/words.ts';
import type { Tunnel } from '../sessions/model/tunnel.ts';
import type { CountedPacket, ViewedPacket } from '../sessions/viewed-packet.ts';
import type { TunnelReport } from './contract.ts';
import { Ladder, type Rung } from './ladder.ts';
import type { CaptureOfPackets } from './packets.ts';
import { span } from './text/span.ts';

/** What is drawn of one call, or of a tunnel that has none. */
export interface Diagram {
  /** Of the call, or of the tunnel. */
  readonly id: string;
  readonly capture: CaptureOfPackets;
  readonly rungs: readonly Rung[];
}

export class Diagrams {
  /** What was left out, apart from the report's own limits. */
  limitsReached: readonly ReachedLimit[] = [];
  private readonly limits: Limits;
  /** Of each sequence, by the index of its first capture. */
  private readonly captures = new Map<number, CaptureOfPackets>();
  private readonly drawings = new Map<string, Drawing>();
  /** By the id of a call or tunnel: those that its packets belong to. */
  private readonly concerned = new Map<string, readonly Drawing[]>();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Whether the calls of so many tunnels are drawn. */
  takes(tunnels: number): boolean {
    return tunnels > 0 && !this.limits.full('drawn-tunnels', tunnels - 1);
  }

  /** A capture begins, the first of its sequence or one that goes on from it. */
  capture(index: number, capture: CaptureOfPackets): void {
    this.captures.set(index, capture);
  }

  packet(packet: ViewedPacket): void {
    for (const { ladder } of this.drawingsOf(packet)) ladder.packet(packet);
  }

  counted(packet: CountedPacket): void {
    for (const { ladder } of this.drawingsOf(packet)) ladder.counted(packet);
  }

  /** After the last packet. `others`: limits that were reached on the way to it. */
  finish(others: readonly ReachedLimit[]): void {
    for (const drawing of this.drawings.values()) drawing.finish(this.limits);
    this.limitsReached = [...others, ...this.limits.list()];
  }

  /** In the order of the calls. */
  of(tunnel: TunnelReport): Diagram[] {
    const capture = this.captures.get(tunnel.capture);
    return this.idsOf(tunnel).flatMap((id) => {
      const rungs = this.drawings.get(id)?.rungs ?? [];
      return capture === undefined || rungs.length === 0 ? [] : [{ id, capture, rungs }];
    });
  }

  /** A packet of the control connection belongs to all calls. */
  private drawingsOf({ owner }: Pick<ViewedPacket, 'owner'>): readonly Drawing[] {
    if (owner === null) return [];
    const { tunnel, call } = owner;
    const key = (call ?? tunnel).id;
    const known = this.concerned.get(key);
    if (known !== undefined) return known;
    const ids = this.idsOf(tunnel).filter((id) => call === null || id === call.id);
    if (ids.length === 0) this.limits.reached('drawn-calls');
    const drawings = ids.map((id) => this.drawing(id));
    this.concerned.set(key, drawings);
    return drawings;
  }

  private idsOf({ id, calls }: Tunnel): string[] {
    if (calls.length === 0) return [id];
    const most = this.limits.bounds['drawn-calls'];
    return calls.slice(0, most).map((call) => call.id);
  }

  private drawing(id: string): Drawing {
    let drawing = this.drawings.get(id);
    if (drawing === undefined) {
      drawing = new Drawing(this.limits.bounds['drawn-rungs']);
      this.drawings.set(id, drawing);
    }
    return drawing;
  }
}

/** The first rungs and the last, as many of both. */
class Drawing {
  readonly ladder = new Ladder((rung) => this.take(rung));
  private readonly most: number;
  private readonly first: Rung[] = [];
  private readonly last: Rung[] = [];
  private leftOut = 0;

  constructor(most: number) {
    this.most = most;
  }

  get rungs(): Rung[] {
    if (this.leftOut === 0) return [...this.first, ...this.last];
    const text = [span(`${counted(this.leftOut, 'line')} left out`, 'faint')];
    const gap: Rung = { kind: 'note', instant: null, from: null, text, frames: '' };
    return [...this.first, gap, ...this.last];
  }

  finish(limits: Limits): void {
    this.ladder.finish();
    if (this.leftOut > 0) limits.reached('drawn-rungs');
  }

  private take(rung: Rung): void {
    const half = Math.floor(this.most / 2);
    if (this.first.length < half) {
      this.first.push(rung);
      return;
    }
    this.last.push(rung);
    if (this.first.length + this.last.length <= this.most) return;
    this.last.shift();
    this.leftOut += 1;
  }
}
