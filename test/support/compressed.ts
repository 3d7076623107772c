/** A sample capture as other programs compress it. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Compression } from '../../src/compression/decompress.ts';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

/** A sample capture. */
export const original = Uint8Array.from(readFileSync('captures/16-tcp1723-closed-rst-client.pcap'));
/** `zstd -q` 1.5.4 and `lz4 -q -BD --no-frame-crc` 1.9.4 of `original`. */
export const compressed: { readonly [kind in Compression]: Uint8Array } = {
  gzip: Uint8Array.from(gzipSync(original)),
  zstd: octets(`
    28b52ffd642c0005060072092129706d1a032d1f8feaf4107253c05963a0b14974fa7f5e34d511254c9109c241800ce7da6e6ddb4dca14bbabdcaf73
    ea302ef5f88697615d6b979f203f39b8cea2b20d8b1a514c5c7d41f70fafc70b48923e2c4a9872610600f7430aefdb09a8b3282c66db8ccc599d5332
    8ad5d5e043fc62b9aaff7ee3ed08aeb5caafc3e14bc16c3e011900475898ca0e340654407b00b96bd82862582d90990d9c840bf76b41188561200b76
    a01d100667f7365d586267d90c5e2e45cadd5d1be0023c379ad9`),
  lz4: octets(`
    04224d18604082f100000086d4c3b2a1020004000100f102040001000000abd3006b10cd02004a00000400610200000001010600f0100208004500003c
    fa1240004006f9920a0a0102cb00710ad7c006bb384ee1da4a00f005a002faf044ef0000020405b40402080a1c01ac63180040010303075a0071f0ce02
    00360000040002540001060011015a009028000040003f06f4b95600005e004006bbd7c03e00f108384ee1db5014000070140000afd3006b4e4802002a
    0000040001400011020600a201080600010800060400b00040010a0a01d300300000004e00003a001cdb3a00022a0015023a00024a0010023000a00200
    000001010a0a010100000000`),
};
