/** What native arithmetic is tried with: the fields and the orders of both curves, and the largest and the smallest that it takes. */
export const MODULI = [
  2n ** 255n - 19n,
  2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n,
  2n ** 256n - 1n,
  3n,
]
