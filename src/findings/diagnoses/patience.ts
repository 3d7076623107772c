/** How long, and how often, somebody asks in vain before a silence says something. What is shorter may still be answered. */

/** Seconds for what a system answers by itself or begins on its own: TCP, GRE, LCP. Requests are repeated then. RFC 1661 §4.6 */
export const answerOverdue = 3;
/** Seconds for what a program may have to ask others for: a reply on the control connection, a verdict on credentials. */
export const replyOverdue = 5;
/** Requests: one, and two that repeat it. */
export const triesInVain = 3;
/** Retransmissions of TCP: one may be of an acknowledgment that was late. */
export const sentAgain = 2;
/** Seconds without a packet: no NAT and no firewall forgets a connection sooner. */
export const forgottenAfter = 60;
/** Seconds: a reply on the control connection that comes later is none to the client, which gives up before. */
export const lateReply = 10;
/** Seconds in which an end that takes a packet answers it: acknowledgments are held back for half a second, and round trips take what they take. RFC 2637 §4.4 */
export const timeToAnswer = 2;
/** Packets, and seconds, that one side goes on alone before the other is gone. */
export const fewestAlone = 4;
export const shortestAlone = 5;
