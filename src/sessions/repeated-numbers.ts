/**
 * Packets of one direction of GRE whose number was there before, and what that is: the same packet from behind a router, another
 * packet under its number, or a sender that counts anew. Made where one comes, or one that is far from all others.
 */

export class RepeatedNumbers {
  /** The same octets and another time to live: from behind a router. */
  routed = 0;
  /** An acknowledgment alone, which has no number, that says what the one before it said, with another time to live: from behind a router too. */
  routedAcknowledgments = 0;
  /** With other octets, and the first of them. */
  changed = 0;
  changedFrame = 0;
  /** The first packet behind the last restart of the sequence; 0 before one. */
  restartFrame = 0;
  /** The packet that may be the first of a sequence that begins anew, and whether its number had come with other octets. */
  private suspectFrame = 0;
  private suspectChanged = false;

  /** A number came with other octets. */
  change(frame: number): void {
    this.changed += 1;
    if (this.changedFrame === 0) this.changedFrame = frame;
  }

  /** A packet that the next one explains. `changed`: its number had come with other octets. */
  suspect(frame: number, changed: boolean): void {
    this.suspectFrame = frame;
    this.suspectChanged = changed;
  }

  isSuspect(frame: number): boolean {
    return this.suspectFrame === frame;
  }

  /** The sequence goes on as it was. */
  goesOn(): void {
    this.suspectChanged = false;
  }

  /** The suspect was the first of another sequence: no change of what was there before. */
  restarted(): void {
    this.restartFrame = this.suspectFrame;
    if (!this.suspectChanged) return;
    this.changed -= 1;
    if (this.changedFrame === this.suspectFrame) this.changedFrame = 0;
  }
}
