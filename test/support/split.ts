/** Cuts capture files into several, as programs write them that begin another file now and then. Shares no code with the readers. */
import { joined } from '../../src/octets/joined.ts';

export interface Splittable {
  /** What each file begins with. */
  readonly head: Uint8Array;
  /** Records, or blocks. */
  readonly records: readonly {
    readonly octets: Uint8Array /** Seconds; null where it has none. */;
    readonly time: number | null;
  }[];
}

/** null for pcapng files whose interfaces are not all described before the first packet, or without times. */
export function splittable(file: Uint8Array): Splittable | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return view.getUint32(0) === 0x0a0d0d0a ? splittablePcapng(file, view) : splittablePcap(file, view);
}

function splittablePcap(file: Uint8Array, view: DataView): Splittable {
  const little = [0xa1b2c3d4, 0xa1b23c4d].includes(view.getUint32(0, true));
  const ticks = view.getUint32(0, little) === 0xa1b23c4d ? 1e9 : 1e6;
  const records = [];
  for (let at = 24; at < file.length; ) {
    const end = at + 16 + view.getUint32(at + 8, little);
    records.push({
      octets: file.subarray(at, end),
      time: view.getUint32(at, little) + view.getUint32(at + 4, little) / ticks,
    });
    at = end;
  }
  return { head: file.subarray(0, 24), records };
}

function splittablePcapng(file: Uint8Array, view: DataView): Splittable | null {
  const little = view.getUint32(8, true) === 0x1a2b3c4d;
  const records = [];
  let headEnd = 0;
  for (let at = 0; at < file.length; ) {
    const type = view.getUint32(at, little);
    const end = at + view.getUint32(at + 4, little);
    if (type === 6) {
      const ticks = BigInt(view.getUint32(at + 12, little)) * 2n ** 32n + BigInt(view.getUint32(at + 16, little));
      // The samples have microseconds or nanoseconds; which, does not matter to the order.
      records.push({ octets: file.subarray(at, end), time: Number(ticks) / (ticks > 10n ** 17n ? 1e9 : 1e6) });
    } else if (headEnd === at && (type === 1 || at === 0)) {
      headEnd = end;
    } else if (type === 5) {
      records.push({ octets: file.subarray(at, end), time: null });
    } else {
      return null;
    }
    at = end;
  }
  return { head: file.subarray(0, headEnd), records };
}

/** The files that begin with the records of these numbers, and the first one. */
export function split({ head, records }: Splittable, beginnings: readonly number[]): Uint8Array[] {
  const begins = [0, ...new Set(beginnings)].sort((a, b) => a - b);
  return begins.map((begin, place) => {
    const own = records.slice(begin, begins[place + 1]);
    return joined([head, ...own.map(({ octets }) => octets)]);
  });
}

/**
 * Numbers of records with which another file may begin: no frame before is later, none after earlier, and no pause is longer
 * than a minute.
 */
export function cleanCuts({ records }: Splittable): number[] {
  const times = records.map(({ time }) => time);
  const earliestFrom: number[] = [];
  let earliest = Number.POSITIVE_INFINITY;
  for (let place = times.length - 1; place >= 0; place--) {
    earliest = Math.min(earliest, times[place] ?? Number.POSITIVE_INFINITY);
    earliestFrom[place] = earliest;
  }
  let latest = Number.NEGATIVE_INFINITY;
  return times.flatMap((time, place) => {
    const clean = place > 0 && time !== null && latest <= (earliestFrom[place] ?? 0) && time - latest <= 60;
    latest = Math.max(latest, time ?? latest);
    return clean ? [place] : [];
  });
}
