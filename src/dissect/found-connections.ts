/**
 * Control connections on ports where none was expected. The first message gives one away, which anybody can send to
 * anybody: it stands for its own connection, and only an end that answers it (RFC 2637 §2.2) is taken for a server, of
 * which all connections are followed.
 */
import type { Limits } from '../octets/limits.ts';
import { addressKey } from '../octets/number-key.ts';

/** Callers of an end whose connections are followed, as keys; null: all of them. */
type Callers = Set<string> | null;

export class FoundConnections {
  private readonly limits: Limits;
  /** By port and address of the called end, so that asking for another one costs no string. */
  private readonly ends = new Map<number, Map<number, Callers>>();
  /** Callers and servers that are remembered. */
  private held = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Whether a segment from one of the two to the other is of a connection that is followed. */
  has(source: number, sourcePort: number, destination: number, destinationPort: number): boolean {
    return (
      this.called(source, sourcePort, destination, destinationPort) ||
      this.called(destination, destinationPort, source, sourcePort)
    );
  }

  private called(address: number, port: number, caller: number, callerPort: number): boolean {
    const callers = this.ends.get(port)?.get(address);
    return callers === null || callers?.has(addressKey(caller, callerPort)) === true;
  }

  /** A connection that is not followed yet began with a Start-Control-Connection-Request. False: there are too many. */
  request(caller: number, callerPort: number, address: number, port: number): boolean {
    if (this.limits.full('found-connections', this.held)) return false;
    this.held += 1;
    let ends = this.ends.get(port);
    if (ends === undefined) {
      ends = new Map();
      this.ends.set(port, ends);
    }
    const key = addressKey(caller, callerPort);
    const callers = ends.get(address);
    if (callers) callers.add(key);
    else ends.set(address, new Set([key]));
    return true;
  }

  /** An end of a connection that is followed sent a Start-Control-Connection-Reply. */
  reply(address: number, port: number): void {
    const ends = this.ends.get(port);
    const callers = ends?.get(address);
    if (!callers) return;
    ends?.set(address, null);
    this.held += 1 - callers.size;
  }
}
