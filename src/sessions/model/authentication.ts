/** Exchanges of PAP, CHAP and EAP: their outcome, what they show of their quality, and, where they are to be kept, their secrets. */
import type { Side } from './side.ts';

/** `other`: a protocol that is not told apart. */
export type AuthenticationProtocol =
  | 'pap'
  | 'chap-md5'
  | 'ms-chap-v1'
  | 'ms-chap-v2'
  | 'eap-md5'
  | 'eap-tls'
  | 'eap-peap'
  | 'eap-ms-chap-v2'
  | 'eap'
  | 'spap'
  | 'other';

/** One exchange of PAP, CHAP or EAP. */
export interface Authentication {
  /** The flavour of CHAP is from LCP where LCP was seen. */
  protocol: AuthenticationProtocol;
  /** Who demanded it. */
  authenticator: Side;
  /** Who is to be authenticated. */
  user: string | null;
  /** How the authenticator calls itself. */
  authenticatorName: string | null;
  /** `unfinished`: the capture shows no verdict of the authenticator. */
  outcome: 'success' | 'failure' | 'unfinished';
  /** Of an MS-CHAP failure (RFC 2433 §8, RFC 2759 §6). */
  errorCode: number | null;
  /** Of an MS-CHAP failure. */
  retryAllowed: boolean | null;
  /** The authenticator's words. */
  message: string | null;
  /** Challenge and response both captured: it can be attacked offline. */
  handshakeComplete: boolean;
  /** Responses (or requests, for PAP) with different content. */
  attempts: number;
  /** All frames of the exchange. */
  frames: number[];
  /** What the exchange shows of its quality. Holds no secret. */
  evidence: AuthenticationEvidence;
  /** Passwords, challenges and responses; only there when the analysis was asked to keep them. */
  secrets?: AuthenticationSecrets;
}

/** What can be said of a challenge and its response without showing them. */
export interface AuthenticationEvidence {
  /** Frame of the challenge of the last response, of the Failure where that brought it; of the last Challenge without a response. */
  challengeFrame: number | null;
  /** Frame of the last Response or Change-Password, or of PAP's last Authenticate-Request. */
  responseFrame: number | null;
  /** Frame of the verdict. */
  resultFrame: number | null;
  /** Octets of that challenge. */
  challengeLength: number | null;
  /** `short`: fewer octets than the method asks for. `patterned`: few different octets, or evenly spaced ones. */
  challengeWeakness: 'short' | 'patterned' | null;
  /** Frame of another exchange of the same capture whose challenge was the same. RFC 1994 §2.3. */
  challengeRepeatsFrame: number | null;
  /** The challenge of one side came back as the other side's. */
  challengeReflected: boolean;
  /** The response carries a LAN Manager response. RFC 2433 §6. null where the method has none. */
  lanManagerResponse: boolean | null;
  /** Reserved octets or flags of the response are not 0. RFC 2759 §4. null where the method has none. */
  reservedNotZero: boolean | null;
  /** In what the Success is not `S=`, 40 hexadecimal digits and ` M=`. RFC 2759 §5. null where it is, or the method has none. */
  successFault: string | null;
  /** A password went over the wire as it is. */
  passwordInClear: boolean;
  /** Frame of a response that was made with one of the passwords that the analysis was given; null where none fits. */
  passwordVerifiedFrame: number | null;
  /** Number of the EAP method. IANA, EAP Method Types. */
  eapType: number | null;
  /** Numbers that the peer's Nak names in place of the EAP method that was proposed last; 0: none. null without a Nak. RFC 3748 §5.3. */
  eapDesiredTypes: number[] | null;
  /** Frames of Change-Password packets. RFC 2433 §9, §10; RFC 2759 §7. */
  passwordChangeFrames: number[];
  /** Frames of the verdicts that refused an attempt. */
  failureFrames: number[];
  /** Something that was asked was answered, be it with a name alone. */
  answered: boolean;
  /** Times that what had been answered was asked once more, with the same identifier and no verdict. RFC 1994 §4.1, RFC 3748 §4.1. */
  askedAgain: number;
}

/** What the report does not show unless it is asked to. Octets are hexadecimal digits. */
export interface AuthenticationSecrets {
  /** PAP's, or what was typed for EAP's One-Time Password and Generic Token Card; the last of several. */
  password: string | null;
  /** `S=` of a Success: by it the authenticator shows that it knows the password as well. RFC 2759 §5 */
  authenticatorResponse: string | null;
  /** All of them, different ones in order, as far as the stated limit goes, and the last; a character for each octet. */
  passwords: string[];
  /** Challenges with the responses to them, in order. */
  attempts: AuthenticationAttempt[];
}

/** One challenge and the response to it: a Response, or what Change-Password holds of one. RFC 2433 §10, RFC 2759 §7. */
export interface AuthenticationAttempt {
  /** The name in the response, a character for each octet; of a Change-Password, which has none, that of the response before. */
  user: string;
  /** Of the response. */
  identifier: number;
  /** As sent by the authenticator, or, for a retry of MS-CHAPv1, implied by the one before. RFC 2433 §8. */
  challenge: string;
  /** The whole value of the response. */
  response: string;
  /** Frame of the challenge; of the Failure where that brought it. */
  challengeFrame: number;
  /** Frame of the response. */
  responseFrame: number;
  /** The verdict on this response. */
  outcome: 'success' | 'failure' | 'unfinished';
}
