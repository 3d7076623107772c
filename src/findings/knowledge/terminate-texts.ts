/**
 * What an end says of why it ends the link (the data of LCP's Terminate-Request, RFC 1661 §5.5), and what to do about it.
 * The words are free; these are those of pppd, and what RADIUS servers and other programs say alike.
 */
const texts: readonly { readonly says: RegExp; readonly check: string }[] = [
  {
    says: /connect time expired|session[ -]?time-?out|maximum session/i,
    check:
      'The time that a session may last is over: raise it on the server (pppd: `maxconnect`; RADIUS: Session-Timeout), or let the client dial again.',
  },
  {
    says: /traffic limit|\bquota\b/i,
    check: 'The traffic that the session may carry is used up: raise it on the server (pppd: `maxoctets`).',
  },
  {
    says: /too many|simultaneous|already (?:logged|connected)/i,
    check: "End the user's other sessions, or raise on the server how many one user may have.",
  },
  {
    says: /^user request$/i,
    check: 'Its PPP was told to end: look on the server for what did it then, an administrator, a script or a restart.',
  },
  {
    says: /^mppe disabled$/i,
    check: '"MPPE disabled" is what pppd says at every end of a link with MPPE: read its log for what ended it.',
  },
];

/** As pppd says it when it is told to hang up, and of a link with MPPE whatever it ends for. */
export const userRequest = /^$|user request|^MPPE disabled$/i;

/** What to check where an end of a link says that; null where nothing is known of its words. */
export function adviceOfText(text: string | null): string | null {
  return texts.find(({ says }) => says.test(text ?? ''))?.check ?? null;
}
