import type { Json } from '../json.ts'
import { listAt } from '../json-paths.ts'

/** The SMART Health Cards of a file, as `verifiableCredential` of a `.smart-health-card`; null for what is none. */
export function cardsIn(json: Json): readonly string[] | null {
  const cards = listAt(json, 'verifiableCredential')
  return cards.length > 0 && cards.every((card) => typeof card === 'string') ? cards : null
}
