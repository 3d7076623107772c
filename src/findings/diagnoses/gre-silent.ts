/** One end's GRE is there, and not one packet of the other: where is it lost? */
import { counted } from '../../octets/words.ts';
import { otherSide } from '../../sessions/ends.ts';
import type { Side } from '../../sessions/model/side.ts';
import { atClient } from '../knowledge/causes.ts';
import type { CallCase } from './call-case.ts';
import type { Draft } from './draft.ts';
import { natSuspicion } from './nat.ts';
import type { Neighbour } from './neighbour.ts';
import { inSeconds, secondsBetweenTimes } from './time.ts';

/** One end's GRE is there, and not one packet of the other. */
export function silent(callCase: CallCase, mute: Side): Draft[] {
  const { tunnel, call } = callCase;
  const heard = otherSide(mute);
  const asked = callCase.lcp(heard);
  const seen = callCase.gre(heard);
  const seconds = callCase.secondsOfSilence;
  const foreign = tunnel.foreignGre[mute];
  const tries =
    asked.sent > 0 ? `${counted(asked.sent, 'LCP Configure-Request')}` : counted(seen.packets, 'GRE packet');
  const evidence = [
    { frame: call.replyFrame, text: 'the call is accepted: the control connection works' },
    { frame: asked.firstFrame ?? seen.firstFrame, text: `the ${heard}'s first LCP Configure-Request` },
    { frame: asked.lastFrame ?? seen.lastFrame, text: `the last of ${tries}, none answered` },
    { frame: foreign?.firstFrame ?? null, text: `GRE of the ${mute} that is not PPTP's` },
    ...callCase.lossesBeside,
  ];
  if (callCase.at(mute)) return [muteItself(mute, tries, evidence)];
  const control =
    tunnel.control === null ? 'The control connection is not in the capture;' : 'The control connection works, but';
  const observed = `${control}${seconds === null ? '' : ` in ${inSeconds(seconds)}`} none of the ${heard}'s ${tries} was answered: no GRE ${foreign === null ? '' : 'of PPTP '}from the ${mute} is in the capture${foreign === null ? '' : `, and ${counted(foreign.packets, 'GRE packet')} of another kind: PPTP's have version 1, a key and no checksum. A box on the way or the ${mute} itself changes them, or they are of another tunnel`}.`;
  return mute === 'client' ? silentClient(callCase, observed, evidence) : silentServer(callCase, observed, evidence);
}

/** At the mute end itself: what it sends would be seen here before any filter on the way. */
function muteItself(mute: Side, tries: string, evidence: Draft['evidence']): Draft {
  return {
    cause: mute === 'client' ? 'gre-blocked-client-to-server' : 'gre-blocked-server-to-client',
    confidence: 'likely',
    summary: `The ${otherSide(mute)}'s GRE arrives at the ${mute}, and the ${mute} sends none: a firewall on it drops GRE, or its PPTP program does not know the call. ${tries} not answered.`,
    evidence,
    advice: `On the ${mute} itself: let IP protocol 47 in and out, and read the log of its PPTP program for this call.`,
    refutedBy: `the ${mute}'s log shows that it sends GRE`,
    nextCapture: '',
  };
}

/** `observed`: a sentence on what the capture shows. */
function silentClient(callCase: CallCase, observed: string, evidence: Draft['evidence']): Draft[] {
  const nat = natSuspicion(callCase);
  return [
    ...nat,
    {
      cause: 'gre-blocked-client-to-server',
      confidence: nat.length > 0 ? 'possible' : 'likely',
      summary: `${observed} A client sends GRE on its own, so what it sends is lost before ${callCase.tunnel.vantage === 'server' ? 'the server' : 'the point of capture'}; whether the other direction works cannot be seen here.`,
      evidence,
      nextCapture: atClient,
    },
  ];
}

/** `observed`: a sentence on what the capture shows. */
function silentServer(callCase: CallCase, observed: string, evidence: Draft['evidence']): Draft[] {
  const nat = natSuspicion(callCase);
  const suspect = nat[0]?.confidence === 'likely';
  const before = suspect ? null : cameUpBefore(callCase);
  if (before !== null) {
    return [
      {
        cause: 'gre-blocked',
        confidence: 'likely',
        summary: `${observed} A call of the same address came up before (${before.id}), so GRE was let through: a NAT on the way, or the server, may still hold the state of that call.`,
        evidence: [...evidence, { frame: before.lastFrame, text: `the last packet of ${before.id}` }],
        advice:
          'Dial again after some minutes. If it works then, shorten the time for which the NAT keeps GRE that has ended, or see in the log of the server whether it ends the call before.',
      },
    ];
  }
  const where = {
    client:
      "From the client's side one cannot tell whether the client's packets are lost on the way, the server's answers are, or the server is dead.",
    server: `It was taken near the server, but not on it: packets are lost between the two, by the control connection as well.`,
    between: 'The loss, or the fault, is beyond the point of capture, on the side of the server.',
    unknown: 'In which direction they are lost cannot be seen here.',
  }[callCase.tunnel.vantage];
  const blocked: Draft = {
    cause: 'gre-blocked',
    confidence: suspect ? 'possible' : 'likely',
    summary: `${observed} ${where}`,
    evidence,
    advice: `Let IP protocol 47 (GRE) through between ${callCase.address('client')} and ${callCase.address('server')}, both ways; on a NAT in between turn on its PPTP helper.`,
  };
  return suspect ? [...nat, blocked] : [blocked, ...nat];
}

/** Seconds that NATs keep the state of GRE that has ended: Linux 180, others up to ten minutes. */
const keptByNat = 600;

/** The last call of the same address that came up and was over shortly before this one began. */
function cameUpBefore({ tunnel, others }: CallCase): Neighbour | null {
  const ended = others.filter(({ client, established, lastTime }) => {
    const seconds = secondsBetweenTimes(lastTime, tunnel.firstTime) ?? -1;
    return client === tunnel.client.address && established && seconds >= 0 && seconds <= keptByNat;
  });
  return ended.at(-1) ?? null;
}
