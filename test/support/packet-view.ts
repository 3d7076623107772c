/** The packet view of a capture in memory, and what must hold of every tree. */
import { Analysis } from '../../src/analyze.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Limits } from '../../src/octets/limits.ts';
import { PacketView } from '../../src/sessions/packet-view.ts';
import type { CountedPacket, ViewedPacket } from '../../src/sessions/viewed-packet.ts';
import type { Layer, TreeField } from '../../src/wire/tree.ts';

/**
 * All packets with their tunnels, those outside of tunnels too unless `all` is false. `count`: gets those of tunnels whose
 * headers say enough.
 */
export function packetsOf(
  file: Uint8Array,
  all = true,
  count: ((packet: CountedPacket) => void) | null = null,
): ViewedPacket[] {
  const analysis = new Analysis({ keepSecrets: true });
  const capture = analysis.capture('test', null);
  capture.push(file);
  capture.finish();
  const view = new PacketView(analysis.report().tunnels, new Limits(), count);
  const packets: ViewedPacket[] = [];
  const reader = new CaptureReader({
    frame(frame) {
      const packet = view.packet(frame, all, () => true);
      if (packet !== null) packets.push(packet);
    },
  });
  reader.push(file);
  reader.finish();
  return packets;
}

/** Every place where the layers do not hold each of `size` octets exactly once, in words. */
export function flawsOf(layers: readonly Layer[], size: number): string[] {
  const flaws: string[] = [];
  let at = 0;
  for (const { name, start, end, fields } of layers) {
    if (start !== at) flaws.push(`${name} starts at ${start}, not ${at}`);
    fieldFlaws(flaws, name, fields, start, end);
    at = end;
  }
  if (at !== size) flaws.push(`the layers end at ${at}, not ${size}`);
  return flaws;
}

function fieldFlaws(flaws: string[], name: string, fields: readonly TreeField[], start: number, end: number): void {
  let at = start;
  for (const field of fields) {
    const place = `${name} ${field.name}`;
    if (field.start !== at) flaws.push(`${place} starts at ${field.start}, not ${at}`);
    if (field.end < field.start) flaws.push(`${place} ends before it starts`);
    if (field.kind === 'group') fieldFlaws(flaws, place, field.children, field.start, field.end);
    else if (field.children.length > 0) flaws.push(`${place} is a leaf with children`);
    const bits = field.bits.reduce((sum, one) => sum + one.width, 0);
    if (bits > (field.end - field.start) * 8) flaws.push(`${place} has more bits than octets`);
    at = field.end;
  }
  if (at !== end) flaws.push(`${name} ends at ${at}, not ${end}`);
}

export function flawsOfPacket(packet: ViewedPacket): string[] {
  return [
    ...flawsOf(packet.layers, packet.octets.length),
    ...packet.reassemblies.flatMap(({ layers, octets }) => flawsOf(layers, octets.length)),
  ].map((flaw) => `frame ${packet.frame}: ${flaw}`);
}

/** A leaf's or group's fields by path: `call ID` of a layer's groups too. */
export function* fieldsOf(layers: readonly Layer[]): Generator<TreeField & { readonly layer: Layer }> {
  for (const layer of layers) yield* within(layer, layer.fields);
}

function* within(layer: Layer, fields: readonly TreeField[]): Generator<TreeField & { readonly layer: Layer }> {
  for (const field of fields) {
    yield { ...field, layer };
    yield* within(layer, field.children);
  }
}
