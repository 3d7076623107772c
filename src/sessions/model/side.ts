/** The two ends of a tunnel. */

/** Which end of the tunnel: the client asked for the call (PNS), the server answers it (PAC). */
export type Side = 'client' | 'server';

/** One end of a tunnel. */
export interface Endpoint {
  /** IPv4 dotted, or IPv6 as RFC 5952 writes it. */
  address: string;
  /** TCP port of the control connection; null when no TCP was seen. */
  port: number | null;
}
