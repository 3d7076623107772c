/** What IPCP and IPV6CP agreed. RFC 1332, RFC 5072 */

/** What IPCP and IPV6CP agreed. */
export interface Network {
  /** `rejected`: one side refused the whole protocol (LCP Protocol-Reject). */
  ipcp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** The address inside the tunnel. */
  clientAddress: string | null;
  /** The address inside the tunnel. */
  serverAddress: string | null;
  /** Name servers that the client was given. RFC 1877. */
  dns: string[];
  /** NetBIOS name servers that the client was given. RFC 1877. */
  nbns: string[];
  /** As `ipcp`. */
  ipv6cp: 'opened' | 'rejected' | 'failed' | 'unfinished' | 'not-seen';
  /** Frame of the second Configure-Ack of IPCP. */
  openedFrame: number | null;
  /** First packet of IPCP or IPV6CP. */
  firstFrame: number | null;
  /** Last packet of IPCP or IPV6CP. */
  lastFrame: number | null;
}
