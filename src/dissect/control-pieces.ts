/** What a segment of a control connection brought, in words and as fields. */

import type { Window } from '../octets/window.ts';
import { counted } from '../octets/words.ts';
import { controlMessageTypeAt } from '../pptp/header.ts';
import { decodeControlMessage } from '../pptp/message.ts';
import { controlMessageName } from '../pptp/names.ts';
import { octetsLeaf, type TreeField, undecoded } from '../wire/tree.ts';
import type { ControlPiece } from './control-stream.ts';
import { controlSummary } from './summary-control.ts';

/** One line for the message from `start` up to `end`, of which the capture may hold only a part. */
export function messageSummary(window: Window, start: number, end: number): string {
  const decoded = decodeControlMessage(window, start, end);
  if (decoded.ok) return controlSummary(decoded.value);
  const type = controlMessageTypeAt(window, start, end) ?? 0;
  return `${controlMessageName(type)}, ${counted(end - start, 'octet')} of it`;
}

/** A piece that is no whole message, in words. `carriers`: the message that it is a part of, where that is known. */
export function pieceText(piece: ControlPiece, carriers: { name: string; frames: readonly number[] } | null): string {
  const octets = counted(piece.end - piece.start, 'octet');
  switch (piece.kind) {
    case 'part': {
      const name = carriers?.name ?? (piece.type === null ? 'a control message' : controlMessageName(piece.type));
      const place = piece.offset === 0 ? 'first' : `from octet ${piece.offset} on,`;
      const of = piece.length === null ? '' : ` of ${piece.length}`;
      const frames = carriers === null ? '' : `, frames ${carriers.frames.join(' ')}`;
      return `part of ${name}, ${place} ${octets}${of}${frames}`;
    }
    case 'repeated':
      return `${octets} sent before`;
    case 'ahead':
      return `${octets} ahead of missing ones`;
    default:
      return `${octets} that are no control message`;
  }
}

/** The octets of such a piece. */
export function pieceLeaf(window: Window, { kind, start, end }: ControlPiece): TreeField {
  const names = {
    part: 'messagePart',
    repeated: 'repeatedOctets',
    ahead: 'octetsAhead',
    skipped: 'notPptp',
    message: '',
  };
  return kind === 'skipped' ? undecoded(window, start, end, names[kind]) : octetsLeaf(window, start, end, names[kind]);
}
