/** Signs of injection into the control connection. */
import type { TunnelRule } from './rule.ts';

export const controlInjectionSigns: TunnelRule = {
  id: 'control-injection-signs',
  title: 'Signs of injection into the control connection',
  severity: 'high',
  what: 'The control connection carries what its ends would not send: segments that came another way, or messages for calls that do not exist.',
  why: 'The control connection has no protection: who sits on the way, or guesses sequence numbers, ends calls or starts them. Firewalls that reset connections look the same.',
  advice: 'Compare with a capture of the other end: what only one end sees was sent by somebody between.',
  references: ['RFC 2637 §5', 'RFC 9293 §3.10.7'],
  evidence:
    "A segment whose time to live differs from the sender's others and that resets, ends or fills the connection; a call message for an unknown call in a connection that was captured from its start.",
  scope: 'tunnel',
  find(tunnel) {
    const { control } = tunnel;
    if (control === null) return null;
    const strange = control.tcp.strangeTimesToLive.filter(({ carries }) => carries !== 'nothing');
    const whole =
      control.tcp.outcome === 'connected' &&
      control.tcp.missingBytes === 0 &&
      control.tcp.onlyFrom === null &&
      control.start.outcome === 'accepted' &&
      control.messagesNotListed === 0;
    const stray = whole
      ? control.anomalies.filter(({ code }) => code === 'unknown-call' || code === 'reply-without-request')
      : [];
    if (strange.length + stray.length === 0) return null;
    const said = [
      ...strange.map(
        ({ frame, from, carries, timeToLive, usualTimeToLive }) =>
          `frame ${frame} (${carries}) has the ${from}'s address and time to live ${timeToLive}, its others ${usualTimeToLive}`,
      ),
      ...stray.map(({ message }) => message),
    ];
    return {
      basis: 'used',
      frames: [...strange.map(({ frame }) => frame), ...stray.map(({ frame }) => frame)],
      detail: `${said.slice(0, 4).join('; ')}.`,
    };
  },
};
