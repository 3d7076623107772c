/**
 * Every cause that a diagnosis can name, as data: what it means, which packets show it, what would refute it, what to do,
 * and which numbers a Windows user sees. The report, `explain` and docs/diagnoses.md are all made of this one table.
 */
import type { StageName } from '../stage.ts';

/** What there is to say of a cause whatever the capture. */
export interface Cause {
  /** The rung that it is about. */
  readonly stage: StageName;
  /** A few words. */
  readonly title: string;
  /** What it means: one or two sentences. */
  readonly meaning: string;
  /** Which packets show it. */
  readonly shownBy: string;
  /** What would show that it is wrong; goes on after "Refuted if". */
  readonly refutedBy: string;
  /** What to do. */
  readonly advice: string;
  /** The capture to take next; empty where nothing is left to see. */
  readonly nextCapture: string;
  /** Numbers that Windows shows for it, the likeliest first. */
  readonly windowsErrors: readonly number[];
}

/** Captures that are asked for so that there is one of each end. */
const atServer =
  'Capture at the server as well, with the filter `tcp port 1723 or ip proto 47 or icmp`, while the client dials, and read both captures together.';
const bothEnds =
  'Capture at both ends at the same time, with the filter `tcp port 1723 or ip proto 47 or icmp`, and read both captures together.';
export const atClient =
  'Capture at the client as well, with the filter `tcp port 1723 or ip proto 47 or icmp`, and read both captures together.';
export const captureOtherEnd: ReadonlySet<string> = new Set([atServer, bothEnds, atClient]);

const table = {
  'name-not-resolved': {
    stage: 'tcp',
    title: "the server's name does not resolve",
    meaning: 'DNS gave no address for the name, and no connection to a PPTP server followed.',
    shownBy: 'A DNS answer NXDOMAIN or SERVFAIL, or no DNS answer at all, and no SYN to TCP port 1723.',
    refutedBy: 'the name is not the one of the VPN server',
    advice: "Correct the server's name or the client's DNS server; dial the server's IP address to tell the two apart.",
    nextCapture: 'Capture without a port filter on the interface that the client dials over.',
    windowsErrors: [868, 800],
  },
  'tcp-no-answer': {
    stage: 'tcp',
    title: 'TCP port 1723 does not answer',
    meaning: 'The client asks to connect and nothing comes back, neither an answer nor a refusal.',
    shownBy:
      'SYN segments to TCP port 1723, repeated after 1, 2, 4 s, without SYN-ACK, RST or ICMP; or SYN-ACKs after which the client goes on as if it heard nothing, which it resets because they come too late, or which come from another address.',
    refutedBy: 'a capture at the server shows that its SYN-ACK leaves',
    advice:
      'Check the address, that the server runs, and that firewalls and port forwarding let TCP port 1723 through to it.',
    nextCapture: 'Capture at the server, with the filter `tcp port 1723`: does the SYN arrive there?',
    windowsErrors: [800, 809, 678],
  },
  'tcp-refused': {
    stage: 'tcp',
    title: 'TCP port 1723 is refused',
    meaning: 'A host answers at once that nothing listens on TCP port 1723, or a firewall answers in its name.',
    shownBy: 'RST in answer to the SYN.',
    refutedBy: 'the server listens on TCP port 1723 and a capture there shows no SYN: then a firewall sent the RST',
    advice: 'Start the PPTP server, or correct the address or the port forwarding that leads to it.',
    nextCapture: '',
    windowsErrors: [800, 808],
  },
  'tcp-rejected-by-icmp': {
    stage: 'tcp',
    title: 'ICMP rejects the connection',
    meaning: 'A box on the way, or the server itself, answers the SYN with an ICMP error. Its address names it.',
    shownBy:
      'An ICMP error that quotes the SYN: 3/13, 3/10 and 3/9 are filters, 3/0 and 3/1 missing routes, 3/3 a closed port.',
    refutedBy: 'the connection is made through the same box later',
    advice: 'Change the rule or the route on the box that sent the ICMP error.',
    nextCapture: '',
    windowsErrors: [800, 769],
  },
  'not-pptp': {
    stage: 'control',
    title: 'something other than PPTP on port 1723',
    meaning: 'One end of the connection does not speak PPTP: another service listens there, or another client called.',
    shownBy: 'Octets on TCP port 1723 that are no PPTP control message (no magic cookie 1A 2B 3C 4D), or none at all.',
    refutedBy: 'the other octets come from a proxy in between and the server itself speaks PPTP',
    advice: 'Find out what listens on the port, or who connects; correct the address or the port forwarding.',
    nextCapture: '',
    windowsErrors: [800, 619],
  },
  'control-no-reply': {
    stage: 'control',
    title: 'the server does not answer the Start-Control-Connection-Request',
    meaning:
      'TCP connects, but the PPTP service behind it says nothing: it hangs, it is something else, or a box in between answers in its place.',
    shownBy: 'A Start-Control-Connection-Request that TCP acknowledges or repeats, and no reply.',
    refutedBy: 'a capture at the server shows its Start-Control-Connection-Reply',
    advice:
      'Restart the PPTP service and read its log; take firewalls that inspect PPTP or answer for the server out of the path.',
    nextCapture: 'Capture at the server: does the request arrive, and does a reply leave?',
    windowsErrors: [800, 619, 629],
  },
  'control-refused': {
    stage: 'control',
    title: 'the server refuses the control connection',
    meaning: 'The Start-Control-Connection-Reply has a result other than success; the number says why.',
    shownBy:
      'Start-Control-Connection-Reply with result 2 (general error), 3 (exists already), 4 (not authorised) or 5 (version).',
    refutedBy: 'a later reply on the same connection says success',
    advice: 'Do what the result asks for, on the server.',
    nextCapture: '',
    windowsErrors: [800, 619],
  },
  'no-call-requested': {
    stage: 'call',
    title: 'nobody asked for a call',
    meaning:
      'The control connection came up and was given up again before a call was asked for: a port scan, a monitor, or a client that lost heart.',
    shownBy: 'Start-Control-Connection-Reply with success, then the end without an Outgoing-Call-Request.',
    refutedBy: 'an Outgoing-Call-Request was sent and is missing in the capture',
    advice: "If this is a user's client, read its log; a monitor or scanner needs nothing.",
    nextCapture: '',
    windowsErrors: [],
  },
  'call-no-reply': {
    stage: 'call',
    title: 'the call request is not answered',
    meaning: 'The server speaks PPTP but does not take the call: usually it cannot start its PPP process.',
    shownBy: 'Outgoing-Call-Request, acknowledged by TCP, and no Outgoing-Call-Reply.',
    refutedBy: 'a capture at the server shows its Outgoing-Call-Reply',
    advice: "Read the server's log for the moment of the call: does its PPP start?",
    nextCapture: 'Capture at the server: does the reply leave?',
    windowsErrors: [619, 721, 800],
  },
  'call-refused': {
    stage: 'call',
    title: 'the call is refused',
    meaning: 'The reply to the call request has a result other than connected.',
    shownBy:
      'Outgoing-Call-Reply with result 2 (general error) to 7 (do not accept), or Incoming-Call-Reply with 2 or 3.',
    refutedBy: 'a later reply says connected',
    advice:
      'Look on the server for what the result says: free ports, licences, and whether calls of this kind are allowed.',
    nextCapture: '',
    windowsErrors: [619, 633, 678, 721],
  },
  'connection-limit': {
    stage: 'control',
    title: 'the server has no room for another connection',
    meaning: 'The server takes the TCP connection but serves no more than a number of clients at once.',
    shownBy:
      'While other calls to the server are up, a new client is left without an answer or dropped, or refused for lack of resources.',
    refutedBy: 'the client is turned away also when nobody else is connected',
    advice: 'Raise the number of PPTP ports or connections on the server, or end the calls that are no longer needed.',
    nextCapture: '',
    windowsErrors: [619, 800, 678, 721],
  },
  'gre-blocked': {
    stage: 'gre',
    title: 'GRE does not come through',
    meaning:
      'The control connection works, but of the tunnel itself (GRE, IP protocol 47) nothing comes from the other end. One capture cannot tell in which direction it is lost.',
    shownBy:
      'LCP Configure-Requests of one end again and again, and not one GRE packet from the other, while TCP 1723 lives.',
    refutedBy: 'the other end never sent GRE: a capture there shows which packets arrive and leave',
    advice:
      'Let IP protocol 47 (GRE) through in both directions, at both ends and on the way; on NAT devices turn on the PPTP helper.',
    nextCapture: atServer,
    windowsErrors: [806, 721, 619, 800],
  },
  'gre-blocked-client-to-server': {
    stage: 'gre',
    title: "the client's GRE does not reach the server",
    meaning:
      "What the client sends in the tunnel is lost on the way to the server; the server's own packets may arrive.",
    shownBy:
      "The server goes on asking as if it heard nothing: it acknowledges and answers none of the client's packets.",
    refutedBy: "a capture at the server shows that the client's GRE arrives there",
    advice:
      'Let IP protocol 47 (GRE) through from the client to the server; forward it on the NAT before the server, not only TCP 1723.',
    nextCapture: atServer,
    windowsErrors: [806, 721, 619],
  },
  'gre-blocked-server-to-client': {
    stage: 'gre',
    title: "the server's GRE does not reach the client",
    meaning: "The client's packets arrive, and the server's answers are lost on the way back.",
    shownBy:
      "The server acknowledges and answers the client's packets, and the client goes on asking as if it heard nothing.",
    refutedBy: "a capture at the client shows that the server's GRE arrives there",
    advice:
      'Let IP protocol 47 (GRE) through from the server to the client; on the firewall or NAT near the client turn on its PPTP helper.',
    nextCapture: atClient,
    windowsErrors: [806, 721, 619],
  },
  'gre-rejected-by-icmp': {
    stage: 'gre',
    title: 'ICMP rejects GRE',
    meaning:
      'A box on the way, or the other end, answers GRE with an ICMP error, from the start or from some moment on. Its address names it.',
    shownBy:
      'An ICMP error that quotes a GRE packet: 3/2 from the end itself says that nothing there takes GRE, 3/13 that a filter is in the way.',
    refutedBy: 'GRE gets through the same box in the same call',
    advice: 'On the box that sent the ICMP error: start the service that takes GRE, or let IP protocol 47 through.',
    nextCapture: '',
    windowsErrors: [806, 721, 619],
  },
  'ip-header-spoiled': {
    stage: 'gre',
    title: "a box on the way spoils GRE's IP headers",
    meaning:
      'Packets of the tunnel have an IP header whose checksum is wrong: whoever gets them drops them without a word. TCP may pass unharmed, so that the control connection works.',
    shownBy:
      'GRE whose IP header checksum is wrong, beside other packets of the same sender whose checksum is right, and no answer to it.',
    refutedBy: 'the packets are acknowledged: then only the capture, or what was made of it, has the wrong checksums',
    advice:
      'Find the router or NAT that makes them, between the sender and the point of capture: update it, or turn off its fast path (OPNsense: shared forwarding; others: hardware offload, flow acceleration) to see whether that mends it.',
    nextCapture: 'Capture on the other side of that router: are the checksums right there?',
    windowsErrors: [619, 806, 721],
  },
  'nat-without-helper': {
    stage: 'gre',
    title: 'a NAT does not translate GRE',
    meaning:
      'GRE has no ports, so a NAT must understand PPTP (a helper, ALG or passthrough) to bring answers to the right client. Here one does not.',
    shownBy:
      'GRE with a private source address beside a public control connection, several calls of one address of which only one works or which use one Call ID, or answers that never arrive behind a NAT.',
    refutedBy: 'a client without NAT in between fails in the same way',
    advice:
      'Turn on the PPTP helper of the NAT (Linux: load nf_nat_pptp and assign the helper to TCP port 1723; Cisco: `inspect pptp`), or use a VPN that needs none.',
    nextCapture: bothEnds,
    windowsErrors: [806, 721, 619, 800],
  },
  'nat-call-id-mismatch': {
    stage: 'gre',
    title: 'Call IDs do not fit: a NAT rewrote one side only',
    meaning:
      'The Call ID that GRE or the reply carries is not the one that was announced, so the receiver does not know the call.',
    shownBy:
      'Outgoing-Call-Reply with a Peer Call ID that the client did not announce, or GRE with a Call ID of no call.',
    refutedBy: 'the end that receives the packets takes them: it answers',
    advice: 'Turn the PPTP helper of one NAT off, or take one of two NATs out of the path.',
    nextCapture: bothEnds,
    windowsErrors: [721, 806],
  },
  'gre-from-other-address': {
    stage: 'gre',
    title: 'GRE comes from another address than the control connection',
    meaning: 'An end takes GRE only from the address that it has its control connection with; here the two differ.',
    shownBy: "GRE with the call's Call ID whose source is not the address of TCP 1723 on that side.",
    refutedBy: 'the call comes up all the same',
    advice:
      'Give TCP 1723 and GRE the same address: forward IP protocol 47 to the server as well, or pin both to one uplink or address.',
    nextCapture: bothEnds,
    windowsErrors: [721, 806, 619],
  },
  'lcp-not-converging': {
    stage: 'lcp',
    title: 'LCP does not come to an agreement',
    meaning: 'Both ends hear each other, but they do not agree on the options of the link.',
    shownBy:
      'Configure-Nak or Configure-Reject again and again for the same option, or requests that never get an acknowledgment though both ends are heard.',
    refutedBy: 'LCP opens in a longer capture',
    advice: 'Compare the settings of both ends for the option that is refused.',
    nextCapture: '',
    windowsErrors: [732, 718, 619],
  },
  'authentication-method-refused': {
    stage: 'authentication',
    title: 'no authentication method that both ends accept',
    meaning: 'One end demands a method that the other does not do.',
    shownBy:
      "LCP: the method of the one end's Configure-Request comes back in a Configure-Nak or Configure-Reject, and the link ends.",
    refutedBy: 'the link ended for a reason that one of the ends logs and the packets do not show',
    advice: 'Allow the same method at both ends, the strongest that both have. Do not solve it by allowing PAP.',
    nextCapture: '',
    windowsErrors: [919, 734, 629, 691],
  },
  'authentication-no-answer': {
    stage: 'authentication',
    title: 'authentication stops without a verdict',
    meaning:
      'A challenge or a response is not answered, or the server says that what it asked did not answer: often RADIUS or a domain controller.',
    shownBy:
      'LCP open, then no challenge, a challenge repeated without a response, or a response without success or failure; or MS-CHAP Failure with E=930.',
    refutedBy: 'the missing packet was sent and is not in the capture',
    advice:
      "Look at the server's authentication back end (RADIUS, NPS, domain controller), and at what the client shows its user.",
    nextCapture: 'Capture at the server, also between it and its RADIUS server or domain controller.',
    windowsErrors: [718, 930, 619],
  },
  'wrong-credentials': {
    stage: 'authentication',
    title: 'user name or password is not accepted',
    meaning: 'The server checked the credentials and refused them.',
    shownBy:
      'CHAP Failure with E=691, without a reason or with a number that has no meaning, PAP Authenticate-Nak, or EAP Failure.',
    refutedBy: "the server's log gives another reason",
    advice: 'Check user name, domain prefix and password; then whether the account is locked.',
    nextCapture: '',
    windowsErrors: [691],
  },
  'logon-hours': {
    stage: 'authentication',
    title: 'not within the logon hours of the account',
    meaning: 'The account exists, but may not log on at this time.',
    shownBy: 'MS-CHAP Failure with E=646.',
    refutedBy: "the server's clock is wrong",
    advice: "Change the account's logon hours, or dial within them; check the server's clock and time zone.",
    nextCapture: '',
    windowsErrors: [646],
  },
  'account-disabled': {
    stage: 'authentication',
    title: 'the account is disabled',
    meaning: 'The account exists and is disabled.',
    shownBy: 'MS-CHAP Failure with E=647.',
    refutedBy: 'the account is enabled in the directory that the server asks',
    advice: 'Enable the account.',
    nextCapture: '',
    windowsErrors: [647],
  },
  'password-expired': {
    stage: 'authentication',
    title: 'the password has expired',
    meaning: 'The password must be changed before the account can be used.',
    shownBy:
      'MS-CHAP Failure with E=648; a Change-Password packet may follow. In a running call the server may authenticate again.',
    refutedBy: "the server's clock is wrong",
    advice: 'Change the password, in the client where it offers that, else at another place.',
    nextCapture: '',
    windowsErrors: [648],
  },
  'no-dial-in-permission': {
    stage: 'authentication',
    title: 'the account may not dial in',
    meaning: 'User name and password were not the problem: the account has no permission for remote access.',
    shownBy: 'MS-CHAP Failure with E=649.',
    refutedBy: 'the network policy of the server grants access to this user',
    advice: "Grant dial-in in the account's properties or in the network policy.",
    nextCapture: '',
    windowsErrors: [649],
  },
  'password-change-failed': {
    stage: 'authentication',
    title: 'the new password was not accepted',
    meaning: 'The password had to be changed, and the change was refused.',
    shownBy: 'MS-CHAP Failure with E=709 after Change-Password.',
    refutedBy: 'the change is accepted with the same password at another place',
    advice: "Choose a password that the domain's policy accepts.",
    nextCapture: '',
    windowsErrors: [709],
  },
  'certificate-rejected': {
    stage: 'authentication',
    title: 'a certificate is not accepted',
    meaning:
      'EAP-TLS or PEAP ended with a TLS alert: one end does not accept the certificate or the TLS version of the other.',
    shownBy: 'A TLS alert inside EAP, then EAP Failure or the end of the link.',
    refutedBy: 'the logs of both ends show that the certificates were accepted',
    advice: 'Check validity, purpose, name and issuer of the certificate that the sender of the alert was shown.',
    nextCapture: '',
    windowsErrors: [691, 801, 850],
  },
  'server-not-authenticated': {
    stage: 'authentication',
    title: 'the server could not prove itself to the client',
    meaning:
      'The server accepts the client, but its own proof (`S=` of MS-CHAPv2) does not convince the client, or is not in the form that the client expects.',
    shownBy: 'Success from the server, and at once a Terminate-Request of the client, from Windows with 778.',
    refutedBy: 'the client ended the link for another reason: its log says',
    advice:
      'Check that the server has the same secret, and that the user name is used in one form (domain, upper and lower case) at both ends. It may also be an impostor.',
    nextCapture: '',
    windowsErrors: [778],
  },
  'mppe-refused': {
    stage: 'encryption',
    title: 'one end needs encryption, the other refuses it',
    meaning: 'One end insists on MPPE, the other rejects CCP or the MPPE option, and the link is ended.',
    shownBy:
      'LCP Protocol-Reject of 0x80FD, CCP Configure-Reject of option 18, or a CCP request without it, then a Terminate-Request.',
    refutedBy: 'the link ended for a reason that one of the ends logs and the packets do not show',
    advice: 'Turn on MPPE with 128 bit at the end that refuses it, with MS-CHAPv2 or EAP-TLS, which give its keys.',
    nextCapture: '',
    windowsErrors: [742, 741, 734, 629],
  },
  'mppe-strength-mismatch': {
    stage: 'encryption',
    title: 'no key length that both ends accept',
    meaning: 'Both ends do MPPE, but with different key lengths (40, 56 or 128 bit).',
    shownBy: 'CCP requests and Naks whose bits have no key length in common, then the end.',
    refutedBy: 'a later CCP request has a common key length',
    advice: 'Allow 128 bit at both ends; do not fall back to 40 or 56 bit.',
    nextCapture: '',
    windowsErrors: [742, 741, 734],
  },
  'mppe-stateful-mismatch': {
    stage: 'encryption',
    title: 'one end wants stateful, the other stateless MPPE',
    meaning: 'Both ends do MPPE with a common key length, but do not agree whether the key changes with every packet.',
    shownBy:
      'CCP requests with and without the bit 0x01000000 that are refused in turn, then the end; or stateless mode agreed, packets of one end without bit A (0x8000), and Protocol-Rejects or CCP Reset-Requests of the other.',
    refutedBy: 'a later CCP request has a common mode',
    advice: 'Set stateless mode at both ends: on a path that loses packets it is the only one that works well.',
    nextCapture: '',
    windowsErrors: [742, 734],
  },
  'mppe-keys-unavailable': {
    stage: 'encryption',
    title: 'MPPE is required, and not available',
    meaning:
      'The end that requires MPPE cannot do it. MPPE takes its keys from MS-CHAP or EAP-TLS: the method that was used gives none, or this end did not get them, or its system has no MPPE.',
    shownBy:
      'Authentication succeeds, CCP does not follow, and a Terminate-Request ends the link, from pppd with "MPPE required but not available".',
    refutedBy: 'the Terminate-Request has another reason in the log of its sender',
    advice: 'Use MS-CHAPv2 or EAP-TLS, and 128 bit keys.',
    nextCapture: '',
    windowsErrors: [742, 734, 629],
  },
  'mppe-keys-differ': {
    stage: 'encryption',
    title: 'the ends encrypt with different keys',
    meaning: 'MPPE is agreed, but what one end decrypts is garbage to it: the two have different keys.',
    shownBy:
      'Protocol-Rejects of many packets, with different protocol numbers that nobody has assigned, or a storm of CCP Reset-Requests, and no traffic.',
    refutedBy: 'user data is answered in both directions',
    advice:
      'Check the MPPE keys that RADIUS hands to the server (MS-MPPE-Send-Key, MS-MPPE-Recv-Key) and the stored password hash; turn MPPC off.',
    nextCapture: '',
    windowsErrors: [],
  },
  'mppe-stateful-loss': {
    stage: 'data',
    title: 'stateful MPPE on a path that loses packets',
    meaning:
      'With stateful MPPE a lost packet makes all after it unreadable until the keys are reset: loss is multiplied.',
    shownBy: 'CCP Reset-Requests that follow gaps in the GRE sequence numbers.',
    refutedBy: 'Reset-Requests come also where no number is missing',
    advice: 'Negotiate stateless MPPE, and find where packets are lost.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  'callback-not-completed': {
    stage: 'network',
    title: 'the negotiation of a callback hangs',
    meaning:
      'The ends agreed to negotiate a callback (CBCP), and one of them does not answer: no network protocol begins before that is done.',
    shownBy:
      'Callback-Requests (PPP 0xC029) without a Callback-Response, or Responses without a Callback-Ack, and no IPCP behind them.',
    refutedBy: 'the answer is sent and missing in the capture',
    advice: 'Turn callback off for this user on the server: it dials back a telephone number, which a VPN has not.',
    nextCapture: '',
    windowsErrors: [718],
  },
  'no-network-protocol': {
    stage: 'network',
    title: 'no network protocol comes up',
    meaning: 'The link is open and authenticated, but neither IPv4 nor IPv6 is negotiated over it.',
    shownBy: 'IPCP answered with an LCP Protocol-Reject of 0x8021, not answered, or never tried, then the end.',
    refutedBy: 'IPCP opens in a longer capture',
    advice: 'Enable IPv4 for remote access at the end that rejects it.',
    nextCapture: '',
    windowsErrors: [720, 733],
  },
  'no-address-assigned': {
    stage: 'network',
    title: 'the client gets no address',
    meaning: 'The client asks for an address and the server has none to give: usually its pool or DHCP is exhausted.',
    shownBy:
      'IPCP requests for 0.0.0.0 that are rejected or not answered with an address, then the end; or an end of IPCP or of the link that says so.',
    refutedBy: 'a Configure-Nak with an address is sent and missing in the capture',
    advice: "Extend the server's address pool, or repair its DHCP.",
    nextCapture: '',
    windowsErrors: [738, 736, 720],
  },
  'address-conflict': {
    stage: 'data',
    title: 'both ends have the same address inside the tunnel',
    meaning:
      'IPCP gives the client the address that the server has for itself: each end takes what is sent to that address for its own, and it never goes through the tunnel.',
    shownBy: 'Configure-Acks of IPCP for the same IP-Address in both directions.',
    refutedBy: 'one end uses another address than it had acknowledged',
    advice:
      "Take the server's own address out of the pool that its clients get theirs from (pptpd: `localip` must not be in `remoteip`), and out of what RADIUS assigns to this user.",
    nextCapture: '',
    windowsErrors: [],
  },
  'address-refused': {
    stage: 'network',
    title: 'the ends insist on different addresses',
    meaning: 'The client wants an address of its own and the server insists on another.',
    shownBy:
      'IPCP requests for one address, Naks with another, again and again or once, then the end; or an IPCP Terminate-Request that says that the address is not authorized.',
    refutedBy: 'the client takes the address in a longer capture',
    advice: 'Let the client ask for any address, or allow its fixed address for this user on the server.',
    nextCapture: '',
    windowsErrors: [735, 736, 720],
  },
  'mtu-black-hole': {
    stage: 'data',
    title: 'large packets never arrive',
    meaning:
      'Small packets get through the tunnel and large ones are lost without a word: "connected, but web sites hang".',
    shownBy:
      'At the sender: packets up to some size are acknowledged, larger ones never. At the receiver: a row of numbers is missing and nothing large ever comes, or of packets in fragments the small rests alone; likely where acknowledgments came through meanwhile, only possible where nothing did, for then the way may have been cut.',
    refutedBy: 'a packet as large as those that were lost gets through',
    advice:
      'Lower the MTU of the VPN interface at both ends (1400 or less), clamp the TCP MSS inside to MTU - 40, and let ICMP type 3 code 4 pass.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  'fragmentation-needed': {
    stage: 'data',
    title: 'a router says that packets are too large',
    meaning:
      'A box on the way has a smaller MTU than the tunnel uses, and its ICMP error is not heeded, or ends the call.',
    shownBy:
      'ICMP 3/4 (or ICMPv6 Packet Too Big) that quotes GRE, and no sign that the sender went on with smaller packets.',
    refutedBy: 'the sender goes on with smaller packets and they are acknowledged',
    advice:
      'Lower the MTU of the VPN interface to what the router says, less 60 octets for the tunnel, or let the outer packets be fragmented.',
    nextCapture: '',
    windowsErrors: [],
  },
  'fragments-lost': {
    stage: 'data',
    title: 'fragments are lost on the way',
    meaning: 'Large tunnel packets leave in fragments and not all arrive: many firewalls drop those without a header.',
    shownBy: 'IP fragments of GRE, again and again with the same one missing.',
    refutedBy: 'the missing fragments are in a capture nearer to their sender only because that capture lost them',
    advice: 'Lower the MTU of the VPN interface so that nothing is fragmented, or let fragments pass on the firewall.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  'no-return-traffic': {
    stage: 'data',
    title: 'user data one way only',
    meaning: 'The VPN is up, but to what one end sends nothing comes back.',
    shownBy:
      'User data in one direction, and none in the other; or, from some packet on, nothing of one end in the tunnel any more, not even acknowledgments.',
    refutedBy: 'the data needs no answer (broadcasts, a stream one way)',
    advice:
      'Look at routes and firewall rules behind the end that does not answer, and whether it still serves the call.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  'packet-loss': {
    stage: 'data',
    title: 'packets are lost',
    meaning: 'More than 2 % of the GRE packets of one direction are missing.',
    shownBy:
      'Gaps in the GRE sequence numbers; one row of them in which the other end is not acknowledged either, where the way was cut for a while.',
    refutedBy: 'the capture itself lost the packets: they were acknowledged by their receiver',
    advice: 'Find the lossy part of the path: compare captures at both ends, test without the VPN.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  reordering: {
    stage: 'data',
    title: 'packets overtake each other',
    meaning:
      'More than 3 % of the GRE packets come later than they were sent; MPPE and many receivers drop such packets.',
    shownBy: 'GRE sequence numbers that go back.',
    refutedBy: 'the capture itself wrote the frames out of order',
    advice: 'Make load balancing on the way work by flow, not by packet.',
    nextCapture: bothEnds,
    windowsErrors: [],
  },
  'sequence-restarted': {
    stage: 'data',
    title: "one end's GRE numbers begin anew, and the other drops its packets",
    meaning:
      'In the middle of the call an end counts its packets from the start again; the other takes numbers that it has had for packets that come twice or late.',
    shownBy:
      'GRE sequence numbers that go back to 0 and on from there, while the other end goes on acknowledging those before.',
    refutedBy: 'the other end acknowledges a number that came after the restart',
    advice:
      'Dial again. Then find what began anew at that moment: the PPTP program of that end, or another box that took over its address (failover) without the state of its calls.',
    nextCapture: '',
    windowsErrors: [],
  },
  'window-starvation': {
    stage: 'data',
    title: 'the sender waits for a window that is too small',
    meaning:
      'The receiver announced that it takes few packets at once, and the sender spends its time waiting for acknowledgments.',
    shownBy:
      'Pauses with as many packets unacknowledged as the window allows, that end the moment an acknowledgment comes.',
    refutedBy: "the pauses are the user's own",
    advice: "Raise the receiver's packet receive window, and find what delays its acknowledgments.",
    nextCapture: '',
    windowsErrors: [],
  },
  'idle-timeout': {
    stage: 'data',
    title: 'the tunnel dies after a silence',
    meaning:
      'Nothing was sent for a while, and after that one end is no longer heard: a NAT or firewall forgot the tunnel, or an end gave it up as idle.',
    shownBy:
      'A silence, then packets of one end that get no answer or a RST; an end with that reason; or several calls that end after the same time without user data, which makes it surer.',
    refutedBy: 'calls die also while they are in use',
    advice: 'Send LCP echoes every 30 s, and raise the idle timers of the server, the NAT and the firewall.',
    nextCapture: bothEnds,
    windowsErrors: [828, 807, 629, 628],
  },
  'control-echo-unanswered': {
    stage: 'control',
    title: 'Echo-Requests on the control connection are not answered',
    meaning: 'An end asks on the control connection whether the other is there, gets no answer and ends the tunnel.',
    shownBy:
      'PPTP Echo-Request without Echo-Reply, or with one that TCP sends again and again, and the end about 60 s later.',
    refutedBy: 'the Echo-Reply is missing only in the capture',
    advice:
      'Find what keeps the control connection from getting through after a while: a firewall, a proxy, an overloaded server.',
    nextCapture: bothEnds,
    windowsErrors: [629, 619, 807],
  },
  'lcp-echo-unanswered': {
    stage: 'lcp',
    title: 'LCP echoes are not answered',
    meaning: 'An end asks through the tunnel whether the other is there and gets no answer.',
    shownBy: 'LCP Echo-Requests without Echo-Reply, then the end or nothing more.',
    refutedBy: 'the Echo-Replies are missing only in the capture',
    advice:
      'Look for loss of GRE in one direction and for an overloaded or silent peer; then adjust the echo interval and count.',
    nextCapture: bothEnds,
    windowsErrors: [629, 628, 807],
  },
  'peer-vanished': {
    stage: 'data',
    title: 'one end is suddenly gone',
    meaning:
      'One end stops sending altogether, without a farewell, while the other goes on: it lost its network or its power.',
    shownBy:
      'No TCP and no GRE from one end, while the other repeats itself; or ICMP errors of a router that cannot reach it any more.',
    refutedBy: 'the end goes on in a capture nearer to it',
    advice:
      'Look at the network of the end that vanished at that moment: sleep, a lost radio link, a new address, a reboot.',
    nextCapture: 'Capture at the end that vanished.',
    windowsErrors: [807, 629, 628, 829],
  },
  'control-reset': {
    stage: 'control',
    title: 'the control connection is reset during the call',
    meaning:
      'A RST ends the control connection while the call is running or set up: a NAT or firewall lost its state, or an end crashed.',
    shownBy: 'RST on TCP 1723 while GRE flows and before anyone said goodbye.',
    refutedBy: 'the sender of the RST logs that it ended the tunnel on purpose',
    advice:
      "Compare the RST's time to live with the peer's other packets: a different one names a box in between. Raise its TCP timers, or let keep-alives pass.",
    nextCapture: bothEnds,
    windowsErrors: [807, 629, 628],
  },
  'control-closed-abruptly': {
    stage: 'control',
    title: 'the control connection is closed without a farewell',
    meaning:
      'TCP is closed while the call should be running or is set up, without Call-Clear, Call-Disconnect or Stop: a process ended.',
    shownBy:
      'FIN on TCP 1723 during a call, and no message that announces it; or FIN or RST of the server at once, before the client asks for anything.',
    refutedBy: 'the farewell was sent and is missing in the capture',
    advice: 'Read the log of the end that closed, for that moment: did its PPTP or PPP process die or fail to start?',
    nextCapture: '',
    windowsErrors: [629, 619, 807],
  },
  'disconnected-by-server': {
    stage: 'data',
    title: 'the server ends the call',
    meaning:
      'The server ends the call, or the connection before there is one, in an orderly way: an administrator, a session limit, a policy.',
    shownBy:
      'Call-Disconnect-Notify, Stop-Control-Connection-Request or LCP Terminate-Request that comes from the server first.',
    refutedBy: 'the client asked for the end and that is missing in the capture',
    advice: "Read the server's log for the reason: session limit, idle policy, administrator, shutdown.",
    nextCapture: '',
    windowsErrors: [629, 628, 812],
  },
  'disconnected-with-error': {
    stage: 'data',
    title: 'Windows ends the call with an error',
    meaning: 'The Terminate-Request carries the number of the error that the Windows user sees.',
    shownBy: 'LCP or CCP Terminate-Request with the octets 00 3C CD 74 and a number other than 0.',
    refutedBy: 'the user saw another number',
    advice: 'Look the number up: `pptpscope explain NUMBER`.',
    nextCapture: '',
    windowsErrors: [],
  },
  'cancelled-by-client': {
    stage: 'data',
    title: 'the client gives up before the VPN is up',
    meaning:
      'The client ends the call in order while it is being set up without a fault, and names no error that is known here: its user cancelled, or its program gave up.',
    shownBy:
      'LCP Terminate-Request (from Windows with reason 0), Call-Clear-Request or Stop-Control-Connection-Request of the client before IPCP opens, and before an answer is overdue.',
    refutedBy: "the client's log names an error",
    advice: "Ask the user; if nobody cancelled, read the client's log for that moment.",
    nextCapture: '',
    windowsErrors: [631],
  },
  'capture-incomplete': {
    stage: 'tcp',
    title: 'the capture does not hold enough',
    meaning:
      'What decides is not in the capture: it starts too late, ends too early, holds one direction only, or cuts its frames.',
    shownBy:
      'No SYN and no call setup, only one direction, no GRE at all beside a working call, frames shorter than on the wire.',
    refutedBy: 'the missing packets were never sent',
    advice: 'Take the capture again as described.',
    nextCapture:
      'Capture before dialling until after the end, with full snap length, filter `tcp port 1723 or ip proto 47 or icmp`, both directions.',
    windowsErrors: [],
  },
  'wrong-interface': {
    stage: 'tcp',
    title: 'the capture is of the wrong interface',
    meaning: 'The capture shows the inside of a tunnel, not the tunnel.',
    shownBy: 'Plain IP on a PPP or bare-IP interface, and neither TCP 1723 nor GRE.',
    refutedBy: 'no VPN was dialled while it was taken',
    advice: 'Capture on the physical interface that carries the tunnel.',
    nextCapture: 'Capture on the physical interface, with the filter `tcp port 1723 or ip proto 47 or icmp`.',
    windowsErrors: [],
  },
} as const satisfies Record<string, Cause>;

/** Stable kebab-case ids of causes. */
export type CauseId = keyof typeof table;

export const causes: Readonly<Record<CauseId, Cause>> = table;

/** Whether a word is the id of a cause. */
export function isCause(word: string): word is CauseId {
  return Object.hasOwn(table, word);
}

/** What looks like a fault and is none: named by `explain`, never diagnosed. */
export const harmless: readonly { readonly title: string; readonly packets: string; readonly why: string }[] = [
  {
    title: 'IPV6CP rejected',
    packets: 'LCP Protocol-Reject of 0x8057',
    why: 'The other end has no IPv6 for the tunnel; IPv4 works without it.',
  },
  {
    title: 'Van Jacobson, Deflate or BSD compression refused',
    packets: 'Configure-Reject of IPCP option 2 or CCP options 21, 24, 26',
    why: 'Compression is an offer; the link works without it.',
  },
  {
    title: 'callback refused',
    packets: 'Configure-Reject of LCP option 13',
    why: 'A PPTP server does not call back.',
  },
  {
    title: 'LCP Terminate-Request "MPPE disabled"',
    packets: 'A second Terminate-Request of pppd with that text',
    why: 'pppd takes MPPE down while it hangs up: part of a normal end.',
  },
  {
    title: 'TCP closed without Call-Disconnect-Notify after LCP was terminated',
    packets: 'FIN from the server, RST to a late Call-Clear-Request',
    why: 'Some servers never send that message; the link had been ended in order.',
  },
  {
    title: 'user hung up',
    packets: 'LCP Terminate-Request with Windows reason 0, Call-Clear-Request, Stop-Control-Connection-Request',
    why: 'The normal end.',
  },
  {
    title: "the client's Call ID equals its TCP source port",
    packets: 'Outgoing-Call-Request at the server',
    why: 'A Linux NAT with the PPTP helper is in the path and works.',
  },
  {
    title: 'MPPE asked for with no bits',
    packets: 'CCP Configure-Request of option 18 with 0x00000000, refused again and again',
    why: 'A bug of some routers; they go on without it.',
  },
  {
    title: '"Compressed data" or "malformed" in a packet viewer',
    packets: 'PPP 0x00FD, and GRE with a sequence number and no payload',
    why: 'The first is MPPE, the second an acknowledgment; nothing is wrong.',
  },
  {
    title: 'no PPTP to choose on an iPhone or Mac: Apple removed it from iOS 10 and macOS 10.12',
    packets: 'None: not even a TCP SYN',
    why: 'Network and server are not at fault. Of what Apple has today, IKEv2 is the choice.',
  },
  {
    title: 'no PPTP to choose on Android 12 and later: Google removed it for new profiles',
    packets: 'None: not even a TCP SYN',
    why: 'Network and server are not at fault.',
  },
  {
    title:
      'no PPTP service on a Windows Server after Windows Server 2025: Microsoft deprecated it for incoming connections',
    packets: 'TCP SYN to port 1723 that is answered with RST, or not at all',
    why: 'Announced in October 2024; 2025 still has it, and outgoing connections stay. Use SSTP or IKEv2.',
  },
  {
    title: 'Start-Control-Connection-Request of nmap',
    packets: 'Host name "none", vendor name "nmap", firmware revision 1; FIN after the reply, and no call',
    why: 'Somebody asked which PPTP server this is. Who is not expected to ask is told as the finding scan.',
  },
];

/** Causes whose proof is that something did not come, which a capture that lost packets shows too. */
export const shownByAbsence: ReadonlySet<string> = new Set<CauseId>([
  'tcp-no-answer',
  'control-no-reply',
  'no-call-requested',
  'call-no-reply',
  'gre-blocked',
  'gre-blocked-client-to-server',
  'gre-blocked-server-to-client',
  'nat-without-helper',
  'lcp-not-converging',
  'authentication-method-refused',
  'authentication-no-answer',
  'mppe-refused',
  'mppe-keys-unavailable',
  'callback-not-completed',
  'no-address-assigned',
  'mtu-black-hole',
  'fragments-lost',
  'no-return-traffic',
  'packet-loss',
  'idle-timeout',
  'control-echo-unanswered',
  'lcp-echo-unanswered',
  'peer-vanished',
  'control-closed-abruptly',
]);

/** Causes that packets of the tunnel would refute: a capture that lost some of them where they should have come shows nothing. */
export const refutedByGre: ReadonlySet<string> = new Set<CauseId>([
  'gre-blocked',
  'gre-blocked-client-to-server',
  'gre-blocked-server-to-client',
  'nat-without-helper',
  'lcp-not-converging',
  'authentication-method-refused',
  'authentication-no-answer',
  'server-not-authenticated',
  'mppe-refused',
  'mppe-keys-unavailable',
  'callback-not-completed',
  'no-network-protocol',
  'no-address-assigned',
  'cancelled-by-client',
  'no-return-traffic',
  'idle-timeout',
  'lcp-echo-unanswered',
  'peer-vanished',
]);
