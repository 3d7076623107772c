/** A random odd number of 32 bits, to multiply by in a hash. */
export function randomOdd(): number {
  return (Math.floor(Math.random() * 0x1_0000_0000) | 1) >>> 0;
}
