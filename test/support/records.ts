/** Classic pcap files taken apart and put together, record by record. */

/** A classic pcap file: its header, and each record with its own. */
export interface Records {
  header: Uint8Array;
  records: Uint8Array[];
}

export function recordsOf(file: Uint8Array): Records {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const records: Uint8Array[] = [];
  for (let at = 24; at < file.length; ) {
    const next = at + 16 + view.getUint32(at + 8, little);
    records.push(file.subarray(at, next));
    at = next;
  }
  return { header: file.subarray(0, 24), records };
}

/** The record with so many octets of its frame at most. */
export function cut(record: Uint8Array, octets: number): Uint8Array {
  const shorter = record.slice(0, 16 + octets);
  const view = new DataView(shorter.buffer);
  const little = view.getUint32(8, true) === record.length - 16;
  view.setUint32(8, shorter.length - 16, little);
  return shorter;
}
