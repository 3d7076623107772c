/** All that is fuzzed. */
import type { Target } from './target.ts';
import { containers } from './targets/containers.ts';
import { decoders } from './targets/decoders.ts';
import { encoded } from './targets/encoded.ts';
import { transport } from './targets/transport.ts';
import { wholes } from './targets/whole.ts';

export const targets: readonly Target[] = [...decoders, ...transport, ...encoded, ...containers, ...wholes];
