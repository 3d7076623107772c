/** Malformed control messages. */
import { controlMessageType } from '../../pptp/names.ts';
import { sides } from '../../sessions/ends.ts';
import type { ControlMessage } from '../../sessions/model/control.ts';
import type { TunnelRule } from './rule.ts';

const codes: readonly string[] = [
  'bad-length',
  'malformed-message',
  'length-disagrees',
  'excess-octets',
  'unknown-message-type',
  'reply-before-request',
];
const callRequests: readonly number[] = [
  controlMessageType.outgoingCallRequest,
  controlMessageType.incomingCallRequest,
];

/** The frame of a call request that its sender sent before any Start-Control-Connection message of its own. */
function callBeforeStart(messages: readonly ControlMessage[]): number | null {
  for (const side of sides) {
    const [first] = messages.filter(({ from }) => from === side);
    if (first !== undefined && callRequests.includes(first.type)) return first.frame;
  }
  return null;
}

export const malformedControl: TunnelRule = {
  id: 'malformed-control',
  title: 'Malformed control messages',
  severity: 'medium',
  what: 'The control connection carries messages that no implementation sends: lengths that disagree, octets that cannot be read, calls before the connection was started, replies to what was not asked yet.',
  why: 'Faults in servers were found with exactly such messages, before anybody is authenticated, up to code of the attacker running on the server.',
  advice: 'Update the server, and let only known addresses reach TCP port 1723.',
  references: ['CVE-2022-23253', 'CVE-2003-0213', 'RFC 2637 §1.4'],
  evidence:
    'A length below 16 or beyond 220, one that is not that of the message type, a message that cannot be decoded, a call request before Start-Control-Connection-Request, or a call reply whose sender had not acknowledged the request that follows.',
  scope: 'tunnel',
  find(tunnel) {
    const { control } = tunnel;
    if (control === null || control.tcp.missingBytes > 0) return null;
    const faults = control.anomalies.filter(({ code }) => codes.includes(code));
    const early = control.tcp.outcome === 'connected' ? callBeforeStart(control.messages) : null;
    if (faults.length === 0 && early === null) return null;
    const said = [
      ...faults.map(({ message }) => message),
      ...(early === null ? [] : ['a call was asked for before the start']),
    ];
    return {
      basis: 'used',
      frames: [...faults.map(({ frame }) => frame), early],
      detail: `${[...new Set(said)].slice(0, 4).join('; ')}.`,
    };
  },
};
