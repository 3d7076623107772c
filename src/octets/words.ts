/**
 * Numbers, lists of frames and sentences as people read them.
 */

/** `31.1 s`, `2 min 5 s`, `1 h 2 min`; `0.4 ms` below a second. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1) return `${significant(seconds * 1000)} ms`;
  if (size < 60) return `${significant(seconds)} s`;
  const whole = Math.round(seconds);
  if (size < 3600) return `${Math.trunc(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.trunc(minutes / 60)} h ${minutes % 60} min`;
}

/** `812 B`, `1.2 kB`, `31 MB`: powers of ten. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let size = count;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : significant(size)} ${units[unit] ?? ''}`;
}

/** `1 packet`, `3 packets`, `2 replies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `frame 4`, `frames 4-8, 12`; nothing for none. Sorted, without repeats. */
export function frameList(frames: readonly (number | null)[]): string {
  const known = frames.filter((frame) => frame !== null);
  if (known.length <= 1) return known.length === 0 ? '' : `frame ${known[0]}`;
  if (known.some((frame, index) => frame < (known[index - 1] ?? frame))) known.sort((a, b) => a - b);
  const runs: string[] = [];
  for (let at = 0; at < known.length; ) {
    let end = at;
    while ((known[end + 1] ?? Number.NaN) <= (known[end] ?? 0) + 1) end += 1;
    runs.push(known[end] === known[at] ? `${known[at]}` : `${known[at]}-${known[end]}`);
    at = end + 1;
  }
  return `${known.at(-1) === known[0] ? 'frame' : 'frames'} ${runs.join(', ')}`;
}

/** `frames 4-31`, or `frame 4` where it is the only one. */
export function frameRange(first: number, last: number): string {
  return first === last ? `frame ${first}` : `frames ${first}-${last}`;
}

/** With a capital letter at the beginning. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function significant(value: number): string {
  const size = Math.abs(value);
  return size >= 99.95 ? value.toFixed(0) : size >= 0.05 ? value.toFixed(1) : value.toPrecision(1);
}
