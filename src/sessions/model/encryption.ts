/** What CCP agreed about MPPE, and what the packets show of it. RFC 1962, RFC 3078 */

/** What CCP agreed, and what the packets show. */
export interface Encryption {
  /** `rejected`: one side refused the whole protocol (LCP Protocol-Reject). */
  ccp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** `mppe`, another compression's name (`deflate`), or `none`. */
  method: string;
  /** Key length; null where none was agreed. */
  bits: 40 | 56 | 128 | null;
  /** The key changes with every packet. RFC 3078 §7. */
  stateless: boolean | null;
  /** Compression was agreed with it. RFC 2118. */
  mppc: boolean | null;
  /** `inferred`: the packets show it, the negotiation is not in the capture. */
  agreed: 'negotiated' | 'inferred' | 'none';
  /** The capture does not hold all that CCP agreed on: where `agreed` is `none`, something may have been. */
  cut: boolean;
  /** MPPE packets with the encrypted bit, both directions. */
  encryptedPackets: number;
  /** User data outside MPPE, both directions. */
  clearDataPackets: number;
  /** CCP Reset-Requests. RFC 1962 §4. */
  resetRequests: number;
  /** CCP Reset-Acks. */
  resetAcks: number;
  /** Times that the coherency count did not follow the one before. */
  coherencyGaps: number;
  /** Frame of the second Configure-Ack. */
  openedFrame: number | null;
  /** First CCP packet. */
  firstFrame: number | null;
  /** Last CCP packet. */
  lastFrame: number | null;
  /** What each side did about MPPE's option; null where it neither asked for it nor answered a request for it. RFC 3078 §2. */
  mppeNegotiation: { client: MppeNegotiation | null; server: MppeNegotiation | null };
  /** Frames that show what was protected and what not. */
  evidence: EncryptionEvidence;
}

/** How one side's requests for MPPE went. Numbers are the option's Supported Bits. RFC 3078 §2. */
export interface MppeNegotiation {
  /** Asked for, different ones in order. */
  requested: number[];
  /** What the other side proposed instead. */
  countered: number[];
  /** The other side refused the option or the whole protocol. */
  rejectedFrame: number | null;
  /** What the other side acknowledged. */
  acknowledged: number | null;
  /** Frame of the first request. */
  requestFrame: number | null;
}

/** Frames and counts of both directions. */
export interface EncryptionEvidence {
  /** First MPPE packet with the encrypted bit. */
  firstEncryptedFrame: number | null;
  /** First packet of user data outside MPPE. */
  firstClearFrame: number | null;
  /** Packets of user data outside MPPE after their sender had begun to encrypt. */
  clearAfterEncrypted: number;
  /** The first of them. */
  clearAfterEncryptedFrame: number | null;
  /** Of the packets of user data outside MPPE those of protocols that it does not encrypt: it encrypts 0x0021 to 0x00FA. RFC 3078 §3. */
  clearOfOtherProtocols: number;
  /** PPP's compressed datagrams (0x00FD, 0x00FB) where MPPE was neither agreed on nor is what they look like. RFC 1962 §3 */
  compressedPackets: number;
  /** MPPE packets without the encrypted bit. RFC 3078 §3. */
  unencryptedMppePackets: number;
  /** The first of them. */
  unencryptedMppeFrame: number | null;
  /** Packets that bear a sequence number that was there before, with other octets. */
  changedDuplicates: number;
  /** The first of them. */
  changedDuplicateFrame: number | null;
  /** MPPE packets that bear a coherency count that was there before, under a sequence number of their own. RFC 3078 §3.1 */
  repeatedCounts: number;
  /** The first of them. */
  repeatedCountFrame: number | null;
  /** CCP Reset-Requests, the first 64. RFC 1962 §4. */
  resetFrames: number[];
  /** Where stateless mode was negotiated: encrypted packets of each side without bit A, which all must have. RFC 3078 §3. */
  unflushedPackets: { client: number; server: number };
}
