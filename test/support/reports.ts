/**
 * Reports made by hand: a session that worked, and the pieces to make others of it.
 */
import { type Stage, type StageName, stageNames } from '../../src/findings/stage.ts';
import type { CallReport, CaptureReport, Report, TunnelReport } from '../../src/report/contract.ts';
import { noRequests } from '../../src/sessions/evidence.ts';
import type { Control, StartParameters } from '../../src/sessions/model/control.ts';
import type { Echo } from '../../src/sessions/model/echo.ts';
import type { CallEvidence, PathEvidence } from '../../src/sessions/model/evidence.ts';
import type { GreDirection } from '../../src/sessions/model/gre.ts';
import type { LcpOptions } from '../../src/sessions/model/lcp.ts';

const noneAsked = { requests: 0, unanswered: 0, unansweredAtEnd: 0, lastUnansweredFrame: null };

const noEcho: Echo = {
  requests: 0,
  replies: 0,
  unanswered: 0,
  medianRttMilliseconds: null,
  unansweredAtEnd: 0,
  unansweredAtEndFrom: null,
  lastUnansweredFrame: null,
  bySide: { client: noneAsked, server: noneAsked },
};

const noPath: PathEvidence = {
  largestPacket: 0,
  largestAcknowledged: 0,
  acknowledged: 0,
  largeUnacknowledged: 0,
  smallUnacknowledged: 0,
  largestUnacknowledgedFrame: null,
  longestGap: 0,
  longestGapFrames: null,
  missed: null,
  unnumberedInGap: 0,
  windowStalls: 0,
  windowStallSeconds: 0,
  longestStallFrames: null,
  beyondWindow: 0,
  reassembled: 0,
};

const noEvidence: CallEvidence = {
  lcp: { client: noRequests, server: noRequests },
  ccp: { client: noRequests, server: noRequests },
  ipcp: { client: noRequests, server: noRequests },
  ccpTerminated: null,
  ipcpTerminated: null,
  ipv6cpTerminated: null,
  ccpRejectedFrame: null,
  ipcpRejectedFrame: null,
  looped: false,
  path: { clientToServer: noPath, serverToClient: noPath },
  silence: null,
  endTime: time(5),
  replacedFrame: null,
  idleBeforeEnd: null,
  callback: null,
  stillBeforeTermination: null,
  tlsAlert: null,
  outsideQuestions: null,
};

function time(second: number): string {
  const milliseconds = Math.round(second * 1000);
  return `${new Date(Date.UTC(2026, 10, 20, 23, 7, 2) + milliseconds).toISOString().slice(0, -1)}000Z`;
}

export function stage(name: StageName, status: Stage['status'], frame: number | null, detail: string): Stage {
  return { stage: name, status, frame, time: frame === null ? null : time(frame / 10), detail };
}

/** All nine: the given ones, and `not-seen` for the others. */
export function ladderOf(...given: Stage[]): Stage[] {
  return stageNames.map((name) => given.find((each) => each.stage === name) ?? stage(name, 'not-seen', null, ''));
}

const climbed: Stage[] = ladderOf(
  stage('tcp', 'passed', 3, '0.5 ms'),
  stage('control', 'passed', 7, 'client "cananian", server "linux"'),
  stage('call', 'passed', 10, 'Call IDs client 30720, server 0; windows 3/3'),
  stage('gre', 'passed', 12, '24 packets to the server, 19 to the client; none lost'),
  stage('lcp', 'passed', 15, 'MRU 1400/1400, field compressions on'),
  stage('authentication', 'passed', 19, 'MS-CHAPv2, user alice, accepted by "pptpd"'),
  stage('encryption', 'passed', 24, 'MPPE 128 bit, stateless, both ways; 17 packets'),
  stage('network', 'passed', 28, '192.168.77.100 and 192.168.77.1'),
  stage('data', 'passed', 30, '1.2 kB to the server, 2.0 kB to the client'),
);

function startParameters(vendorName: string): StartParameters {
  return {
    hostName: 'local',
    vendorName,
    firmwareRevision: 1,
    protocolVersion: '1.0',
    framingCapabilities: ['asynchronous'],
    bearerCapabilities: ['analog'],
    maximumChannels: 65535,
    octetsAfterNul: 0,
  };
}

export function control(change: Partial<Control> = {}): Control {
  return {
    tcp: {
      outcome: 'connected',
      handshakeComplete: true,
      onlyFrom: null,
      handshakeMilliseconds: 0.5,
      synSegments: 1,
      initialSequence: { client: 1000, server: 2000 },
      retransmissions: 0,
      routedDuplicates: 0,
      outOfOrder: 0,
      missingBytes: 0,
      missedByCapture: 0,
      missingFrame: null,
      closedBy: 'client',
      closedWith: 'fin',
      bytes: { client: 340, server: 204 },
      acknowledgedBytes: { client: 340, server: 204 },
      openedFrame: 1,
      closedFrame: 55,
      lastTime: { client: time(6), server: time(6) },
      strangeTimesToLive: [],
    },
    start: {
      outcome: 'accepted',
      resultCode: 1,
      errorCode: 0,
      client: startParameters('cananian'),
      server: startParameters('linux'),
      requestFrame: 4,
      replyFrame: 6,
    },
    stop: { by: 'client', reasonCode: 1, resultCode: 1 },
    echo: { ...noEcho, requests: 1, replies: 1, medianRttMilliseconds: 1.25 },
    messages: [
      { frame: 4, frames: [4], time: time(0.4), from: 'client', type: 1, name: 'Start-Control-Connection-Request' },
      { frame: 6, frames: [6, 7], time: time(0.6), from: 'server', type: 2, name: 'Start-Control-Connection-Reply' },
    ],
    messagesNotListed: 0,
    anomalies: [],
    ...change,
  };
}

function direction(change: Partial<GreDirection> = {}): GreDirection {
  return {
    packets: 24,
    bytes: 1300,
    dataPackets: 19,
    ackOnly: 5,
    firstSequence: 1,
    lastSequence: 19,
    lost: 0,
    missedByCapture: 0,
    duplicates: 0,
    routedDuplicates: 0,
    routedAcknowledgments: 0,
    reordered: 0,
    wraps: 0,
    outsideWindow: 0,
    outsideWindowFrame: null,
    restarts: 0,
    restartFrame: null,
    strayAcknowledgments: 0,
    strayAcknowledgmentFrame: null,
    lengthMismatches: 0,
    wrongChecksums: 0,
    wrongChecksumFrames: null,
    medianAckMilliseconds: 1.5,
    maximumOutstanding: 2,
    firstFrame: 12,
    lastFrame: 50,
    firstTime: time(1.2),
    lastTime: time(5.9),
    userBytes: 1200,
    firstDataFrame: 30,
    firstDataTime: time(4),
    lastAcknowledgment: 18,
    ...change,
  };
}

function lcpOptions(authenticationProtocol: string | null): LcpOptions {
  return {
    mru: 1400,
    asyncControlCharacterMap: 0,
    authenticationProtocol,
    magicNumber: 0x1a2b3c4d,
    protocolFieldCompression: true,
    addressAndControlFieldCompression: true,
    callback: false,
    multilinkMrru: null,
    shortSequenceNumbers: false,
    cut: false,
    endpointDiscriminator: null,
  };
}

export function call(change: Partial<CallReport> = {}): CallReport {
  return {
    id: 'T1.1',
    kind: 'outgoing',
    outcome: 'established',
    clientCallId: 30720,
    serverCallId: 0,
    callIdInGre: { clientToServer: 0, serverToClient: 30720 },
    greFromOtherAddress: { client: null, server: null },
    resultCode: 1,
    errorCode: 0,
    causeCode: 0,
    connectSpeed: 10_000_000,
    receiveWindow: { client: 3, server: 3 },
    requestFrame: 9,
    replyFrame: 10,
    disconnect: { by: 'server', frame: 53, resultCode: 4, errorCode: 0, causeCode: 0, statistics: '' },
    clearRequestFrame: 52,
    clearRequestBy: 'client',
    wanErrors: 0,
    setLinkInfo: 0,
    gre: { clientToServer: direction(), serverToClient: direction({ packets: 19, ackOnly: 0, userBytes: 2000 }) },
    lcp: {
      outcome: 'opened',
      client: lcpOptions(null),
      server: lcpOptions('ms-chap-v2'),
      terminatedBy: 'client',
      terminateText: 'User request',
      windowsErrorCode: null,
      terminateFrame: 50,
      openedFrame: 15,
      echo: noEcho,
      configureRequests: { client: 1, server: 1 },
      firstFrame: 11,
      lastFrame: 51,
      rejected: { client: [], server: ['callback'] },
      protocolRejects: [{ frame: 26, by: 'client', protocol: 0x8057, name: 'IPV6CP' }],
      protocolRejectsNotListed: 0,
      identification: { client: ['MSRASV5.20'], server: [] },
      identificationFrames: { client: 16, server: null },
      authenticationProposals: [{ by: 'server', protocol: 'ms-chap-v2', demanded: true, frame: 12 }],
    },
    authentication: [
      {
        protocol: 'ms-chap-v2',
        authenticator: 'server',
        user: 'alice',
        authenticatorName: 'pptpd',
        outcome: 'success',
        errorCode: null,
        retryAllowed: null,
        message: 'Access granted',
        handshakeComplete: true,
        attempts: 1,
        frames: [17, 18, 19],
        evidence: {
          challengeFrame: 17,
          responseFrame: 18,
          resultFrame: 19,
          challengeLength: 16,
          challengeWeakness: null,
          challengeRepeatsFrame: null,
          challengeReflected: false,
          lanManagerResponse: null,
          reservedNotZero: false,
          successFault: null,
          passwordInClear: false,
          passwordVerifiedFrame: null,
          eapType: null,
          eapDesiredTypes: null,
          answered: true,
          askedAgain: 0,
          passwordChangeFrames: [],
          failureFrames: [],
        },
      },
    ],
    encryption: {
      ccp: 'opened',
      method: 'mppe',
      bits: 128,
      stateless: true,
      mppc: false,
      agreed: 'negotiated',
      cut: false,
      encryptedPackets: 17,
      clearDataPackets: 0,
      resetRequests: 0,
      resetAcks: 0,
      coherencyGaps: 0,
      openedFrame: 24,
      firstFrame: 20,
      lastFrame: 24,
      mppeNegotiation: {
        client: {
          requested: [0x0100_0040],
          countered: [],
          rejectedFrame: null,
          acknowledged: 0x0100_0040,
          requestFrame: 20,
        },
        server: {
          requested: [0x0100_0040],
          countered: [],
          rejectedFrame: null,
          acknowledged: 0x0100_0040,
          requestFrame: 21,
        },
      },
      evidence: {
        firstEncryptedFrame: 30,
        firstClearFrame: null,
        clearAfterEncrypted: 0,
        clearAfterEncryptedFrame: null,
        clearOfOtherProtocols: 0,
        compressedPackets: 0,
        unencryptedMppePackets: 0,
        unencryptedMppeFrame: null,
        changedDuplicates: 0,
        changedDuplicateFrame: null,
        repeatedCounts: 0,
        repeatedCountFrame: null,
        resetFrames: [],
        unflushedPackets: { client: 0, server: 0 },
      },
    },
    network: {
      ipcp: 'opened',
      clientAddress: '192.168.77.100',
      serverAddress: '192.168.77.1',
      dns: ['192.168.77.53'],
      nbns: [],
      ipv6cp: 'rejected',
      openedFrame: 28,
      firstFrame: 21,
      lastFrame: 28,
    },
    multilink: null,
    otherProtocols: [],
    evidence: noEvidence,
    anomalies: [],
    stages: climbed,
    ...change,
  };
}

export function tunnel(change: Partial<TunnelReport> = {}): TunnelReport {
  return {
    id: 'T1',
    capture: 0,
    client: { address: '10.10.1.2', port: 41560 },
    server: { address: '203.0.113.10', port: 1723 },
    roles: 'certain',
    control: control(),
    calls: [call()],
    firstFrame: 1,
    firstTime: time(0),
    lastFrame: 57,
    lastTime: time(6),
    durationSeconds: 6,
    stepBackSeconds: 0,
    icmpErrors: [],
    timeToLive: { client: 64, server: 52 },
    vantage: 'client',
    lostBeside: { client: null, server: null },
    foreignGre: { client: null, server: null },
    lastHeard: {
      client: { frame: 57, packetsAlone: 1, secondsAlone: 0 },
      server: { frame: 56, packetsAlone: 0, secondsAlone: 0 },
    },
    ...change,
  };
}

export function capture(change: Partial<CaptureReport> = {}): CaptureReport {
  return {
    path: 'ticket-4711.pcapng',
    sequence: 0,
    firstFrame: 1,
    kind: 'pcapng',
    compression: null,
    byteOrder: 'little',
    linkTypes: ['ETHERNET'],
    timestampResolution: 'microsecond',
    frames: 57,
    capturedBytes: 6132,
    wireBytes: 6132,
    truncatedFrames: 0,
    duplicateFrames: 0,
    firstFrameTime: time(0),
    lastFrameTime: time(6),
    durationSeconds: 6,
    complete: true,
    problems: [],
    vantage: 'client',
    comments: [],
    framesBackInTime: 0,
    largestStepBack: null,
    incompleteDatagrams: [],
    damagedHeaders: null,
    failedNameLookups: [],
    pointToPoint: false,
    droppedByCapture: null,
    ...change,
  };
}

/** A capture that could not be read, for the reason given. */
export function unreadCapture(path: string, code: string, message: string): CaptureReport {
  return capture({
    path,
    kind: null,
    byteOrder: null,
    linkTypes: [],
    timestampResolution: null,
    frames: 0,
    capturedBytes: 0,
    wireBytes: 0,
    firstFrameTime: null,
    lastFrameTime: null,
    durationSeconds: null,
    complete: false,
    problems: [{ offset: null, frame: null, code, message }],
    vantage: 'unknown',
  });
}

export function report(change: Partial<Report> = {}): Report {
  return {
    format: 'pptpscope-report',
    version: 1,
    tool: { name: 'pptpscope', version: '0.1.0' },
    captures: [capture()],
    tunnels: [tunnel()],
    diagnoses: [],
    findings: [],
    otherVpn: [],
    migration: null,
    limitsReached: [],
    ...change,
  };
}

/** Every part of a report at once: what the faces must be able to show. */
export function fullReport(): Report {
  const anomaly = { frame: 9, code: 'reserved-not-zero', message: 'reserved field 1 holds 0x0001' };
  return report({
    captures: [
      capture({
        compression: 'gzip',
        truncatedFrames: 2,
        duplicateFrames: 1,
        framesBackInTime: 3,
        complete: false,
        problems: [{ offset: 1234, frame: 56, code: 'truncated-record', message: 'record 57 claims 90 octets' }],
        comments: [
          { frame: null, text: 'Counters provided by dumpcap' },
          { frame: null, text: 'from the customer' },
          { frame: 12, text: 'here it hangs' },
        ],
        droppedByCapture: 4,
      }),
      { ...unreadCapture('missing.pcap', 'not-found', 'missing.pcap: no such file'), sequence: 1 },
    ],
    tunnels: [
      tunnel({
        roles: 'likely',
        control: control({ anomalies: [anomaly, { ...anomaly, frame: 10 }], messagesNotListed: 3 }),
        calls: [
          call({
            greFromOtherAddress: { client: null, server: '203.0.113.99' },
            multilink: { packets: 4 },
            otherProtocols: [{ protocol: 0x0281, name: null, packets: 3 }],
            setLinkInfo: 2,
            wanErrors: 1,
          }),
          call({
            id: 'T1.2',
            outcome: 'failed',
            disconnect: null,
            clearRequestFrame: null,
            clearRequestBy: null,
            stages: ladderOf(
              ...climbed.slice(0, 4),
              stage('lcp', 'failed', 31, 'Configure-Request sent 10 times, no answer'),
            ),
          }),
        ],
        icmpErrors: [41, 43].map((frame) => ({
          frame,
          time: time(frame / 10),
          from: '203.0.113.1',
          type: 3,
          code: 2,
          name: '3/2 protocol unreachable',
          quotes: 'gre' as const,
          aboutPacketFrom: 'client' as const,
          timeToLive: 60,
          mtu: null,
          call: 'T1.1',
        })),
      }),
      tunnel({ id: 'T2', calls: [], control: control(), stages: ladderOf(...climbed.slice(0, 2)) }),
      tunnel({ id: 'T3', control: null, client: { address: '2001:db8::2', port: null }, roles: 'unknown' }),
    ],
    diagnoses: [
      {
        capture: 0,
        cause: 'gre-blocked-server-to-client',
        stage: 'gre',
        tunnel: 'T1',
        call: 'T1.2',
        confidence: 'likely',
        summary: 'GRE from the server never reaches this end.',
        evidence: [{ frame: 31, text: 'the tenth Configure-Request' }],
        refutedBy: 'a capture at the server shows no GRE arriving',
        advice: 'Let IP protocol 47 (GRE) through between 10.10.1.2 and 203.0.113.10, both ways.',
        nextCapture: 'Capture at the server as well.',
        windowsErrors: [806, 721, 619],
      },
    ],
    findings: [
      {
        rule: 'pptp-in-use',
        severity: 'high',
        basis: 'used',
        title: 'PPTP in use',
        tunnel: 'T1',
        call: null,
        frames: [4],
        detail: 'PPTP is deprecated.',
        advice: 'Move to WireGuard or IKEv2.',
        references: ['RFC 2637'],
      },
      {
        rule: 'host-name-shown',
        severity: 'info',
        basis: 'used',
        title: 'Host names in clear',
        tunnel: 'T1',
        call: 'T1.1',
        frames: [4, 6],
        detail: 'Both sides name themselves.',
        advice: 'Nothing to do.',
        references: [],
      },
    ],
    otherVpn: [{ protocol: 'esp', client: '10.10.1.2', server: '198.51.100.7', frames: 12, firstFrame: 3 }],
    limitsReached: [{ limit: 'control-messages-listed', times: 3, message: '3 messages were counted but not listed' }],
  });
}
