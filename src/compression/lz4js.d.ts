/** The parts of lz4js that are used: it comes without types. */
declare module 'lz4js' {
  /**
   * Decompresses one block from `source` into `target` and returns the position behind the output. Copies whatever the block
   * says without any check.
   */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceStart: number,
    sourceSize: number,
    targetStart: number,
  ): number;
}
