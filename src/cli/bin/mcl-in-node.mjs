// Stands for `mcl-wasm` in the command, whose text stays small without half a megabyte of it: read when the first answer is checked.
// The `require` that the command begins with (`load.mjs`), which knows where the packages are.
const here = require
export const {
  BLS12_381,
  Fp,
  G1,
  G2,
  IRTF,
  PrecomputedG2,
  add,
  finalExp,
  init,
  neg,
  precomputedMillerLoop2,
  setETHserialization,
  setMapToMode,
} = here('mcl-wasm')
