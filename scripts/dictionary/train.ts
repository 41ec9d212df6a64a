/** Of the pieces that a dictionary is put together from, in bytes. */
const PIECE = 48
/** What has to repeat so that a reference to it is shorter than itself. */
const GRAM = 8

/** One record as it is sealed. Records of one patient share a group: what is in no other is that patient's, and no use to anybody else. */
export interface Sample {
  readonly group: number
  readonly bytes: Uint8Array
}

/**
 * Chooses what a preset dictionary of DEFLATE should hold: the pieces whose strings of eight bytes are in most of the samples, each string counted until a piece
 * that has it was chosen (after "Effective construction of relative Lempel-Ziv dictionaries", Liao, Petri, Moffat, Wirth, 2016). The best stand at the
 * end, where references to them are shortest and stay in reach longest. Equal samples give equal bytes.
 */
export function trainDictionary(samples: readonly Sample[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const { grams, counts } = gramsOf(samples)
  const chosen: Uint8Array[] = []
  for (let left = sizeBytes; left > 0;) {
    const best = bestPiece(grams, counts)
    if (best === null) break
    const bytes = samples[best.sample]?.bytes ?? new Uint8Array()
    const piece = bytes.subarray(best.start, best.start + Math.min(PIECE, left))
    chosen.unshift(piece)
    left -= piece.length
    const ids = grams[best.sample] ?? new Uint32Array()
    for (let at = best.start; at < Math.min(best.start + PIECE, ids.length); at++) counts[ids[at] ?? 0] = 0
  }
  return joined(chosen)
}

/** Every string of eight bytes as a number, and in how many samples each is; one of a single group counts as in none. */
function gramsOf(samples: readonly Sample[]): {
  readonly grams: readonly Uint32Array[]
  readonly counts: Uint32Array
} {
  const numbers = new Map<string, number>()
  const seen: number[] = []
  const lastIn: number[] = []
  const groupOf: number[] = []
  const isShared: boolean[] = []
  const grams = samples.map(({ group, bytes }, number) => {
    const text = Buffer.from(bytes).toString('latin1')
    return Uint32Array.from({ length: Math.max(0, text.length - GRAM + 1) }, (_, at) => {
      const gram = text.slice(at, at + GRAM)
      const id = numbers.get(gram) ?? numbers.size
      numbers.set(gram, id)
      if (lastIn[id] !== number) seen[id] = (seen[id] ?? 0) + 1
      lastIn[id] = number
      groupOf[id] ??= group
      if (groupOf[id] !== group) isShared[id] = true
      return id
    })
  })
  return { grams, counts: Uint32Array.from(seen, (count, id) => (isShared[id] === true ? count : 0)) }
}

function bestPiece(grams: readonly Uint32Array[], counts: Uint32Array): { sample: number; start: number } | null {
  let best: { sample: number; start: number } | null = null
  let most = 0
  for (const [sample, ids] of grams.entries()) {
    let sum = 0
    for (let at = 0; at < ids.length; at++) {
      sum += counts[ids[at] ?? 0] ?? 0
      const start = at - (PIECE - GRAM)
      if (start > 0) sum -= counts[ids[start - 1] ?? 0] ?? 0
      if (sum > most) {
        most = sum
        best = { sample, start: Math.max(0, start) }
      }
    }
  }
  return best
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
