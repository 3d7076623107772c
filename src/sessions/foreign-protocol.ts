/** Names what speaks first on a port where PPTP was expected; null where nothing is certain. */
export function foreignProtocol(octets: Uint8Array): string | null {
  const text = Array.from(octets.subarray(0, 16), (octet) => String.fromCharCode(octet)).join('');
  if (/^(GET|POST|HEAD|PUT|OPTIONS|CONNECT|DELETE) /.test(text)) return 'an HTTP request';
  if (text.startsWith('HTTP/')) return 'an HTTP response';
  if (text.startsWith('SSH-')) return 'an SSH banner';
  if (octets[0] === 0x16 && octets[1] === 3) return 'a TLS handshake';
  if (octets[0] === 0x15 && octets[1] === 3) return 'a TLS alert';
  if (/^220[ -]/.test(text)) return 'an FTP or SMTP greeting';
  if (octets[0] === 3 && octets[1] === 0 && octets[2] === 0) return 'RDP (TPKT)';
  return null;
}
