import type { MedGuardClient, Outcome } from '@medguard/client'

/**
 * Told to the patient's log first: where that is refused, nothing is handed out.
 *
 * @param grantId under which it was opened; null: one's own, or that in whose patient's place one acts.
 * @param taken what is to be handed out, and how many records are in it.
 */
export async function noted<T extends { readonly content: string; readonly count: number }>(
  client: Pick<MedGuardClient, 'noteExport'>,
  grantId: string | null,
  taken: T,
): Promise<Outcome<T>> {
  const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(taken.content)))
  const outcome = await client.noteExport(grantId, { sha256, count: taken.count })
  return outcome.kind === 'refused' ? outcome : { kind: 'done', value: taken }
}
