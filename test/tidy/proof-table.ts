export interface Proof {
  readonly file: string
  readonly title: string
}
/** A row of a table whose last column says by which tests something is shown. */
export interface ProofRow {
  readonly name: string
  readonly what: string
  readonly proofs: readonly Proof[]
  /** What the last column says beside them. */
  readonly beside: string
}

/** The file of a test between backticks, and its title in quotes. */
export const PROOF = /`([\w./-]+\.(?:test|spec)\.ts)` "([^"]+)"/g

export const proofsIn = (text: string): Proof[] =>
  [...text.matchAll(PROOF)].map(([, file = '', title = '']) => ({ file, title }))

/** Rows of which the first column is all that `name` matches. */
export function proofRowsOf(markdown: string, name: RegExp): ProofRow[] {
  return markdown.split('\n').flatMap((line) => {
    const [, first = '', what, by] = /^\| (\w+) \| (.+?) \| (.*) \|$/.exec(line) ?? []
    if (what === undefined || by === undefined || !name.test(first)) return []
    return [
      { name: first, what, proofs: proofsIn(by), beside: by.replaceAll(PROOF, '').replaceAll(/[; ]+/g, ' ').trim() },
    ]
  })
}
