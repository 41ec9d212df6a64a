import type { MedGuardClient, Outcome } from '@medguard/client'
import { sha256 } from '@noble/hashes/sha2'

/**
 * Told to the patient's log first: where that is refused, nothing is handed out.
 *
 * @param grantId under which it was opened; null: one's own, or that in whose patient's place one acts.
 * @param taken what is to be handed out, and how many records are in it.
 */
export async function noted<T extends { readonly content: string | Uint8Array | Blob; readonly count: number }>(
  client: Pick<MedGuardClient, 'noteExport'>,
  grantId: string | null,
  taken: T,
): Promise<Outcome<T>> {
  const outcome = await client.noteExport(grantId, { sha256: await hashOf(taken.content), count: taken.count })
  return outcome.kind === 'refused' ? outcome : { kind: 'done', value: taken }
}

/** SHA-256, step by step: a study may be larger than memory. */
export async function hashOf(content: string | Uint8Array | Blob): Promise<Uint8Array> {
  if (!(content instanceof Blob)) return sha256(content)
  const hash = sha256.create()
  const reader = content.stream().getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) hash.update(read.value)
  return hash.digest()
}
