/** A client whose address changes in the middle of a call: its GRE goes on from another one, which the server does not take for it. */
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import type { Neighbour } from './neighbour.ts';

export function goesOnElsewhere(moved: Neighbour | undefined): string {
  if (moved === undefined) return '';
  return ` The client's GRE goes on from another address, ${moved.client} (${moved.id}), which the server does not take for it.`;
}

export function adviceOfMove(moved: Neighbour | undefined): Pick<Draft, 'advice' | 'nextCapture'> {
  if (moved === undefined) return {};
  return {
    advice:
      'Find out why the client got another address in the middle of the call: a second uplink that took over, a router that its provider gave a new address, or a mobile network. Let it dial again then, and pin PPTP to one uplink.',
    nextCapture: '',
  };
}

export function moveEvidence(moved: Neighbour | undefined): Draft['evidence'] {
  return moved === undefined
    ? []
    : [{ frame: moved.firstFrame, text: `GRE with the same Call ID from ${moved.client}` }];
}

/** Packets of a client that may be lost while its address changes. */
const lostInMove = 1000;

/** GRE from another address that goes on where the client's ends, for the server's Call ID. */
export function movedTo(callCase: CallCase): Neighbour | undefined {
  const { call, up, others } = callCase;
  const { lastSequence, lastFrame } = up;
  if (lastSequence === null || lastFrame === null) return undefined;
  return others.find(
    ({ firstFrame, unsignalled }) =>
      firstFrame > lastFrame &&
      unsignalled.some(({ callId, sequence }) => {
        const ahead = (sequence - lastSequence) | 0;
        return callId === call.serverCallId && ahead > 0 && ahead <= lostInMove;
      }),
  );
}

/** Of GRE without a control connection: the tunnel whose client it goes on from, for the same Call ID of the server. */
export function movedFrom({ call, tunnel, up, others }: CallCase): Neighbour | undefined {
  const { clientToServer: own } = call.callIdInGre;
  const { firstSequence, firstFrame } = up;
  if (call.kind !== 'unsignalled' || own === null || firstSequence === null || firstFrame === null) return undefined;
  return others.find(
    ({ client, signalledGre }) =>
      client !== tunnel.client.address &&
      signalledGre.some(({ callId, sequence, lastFrame }) => {
        const ahead = (firstSequence - sequence) | 0;
        return callId === own && lastFrame < firstFrame && ahead > 0 && ahead <= lostInMove;
      }),
  );
}
