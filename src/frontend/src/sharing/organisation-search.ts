import type { Organisation } from '@medguard/client'
import { compareTexts } from '../words/language.ts'

const SHOWN_MAX = 6

/** Organisations in force whose name has what was typed in it, whatever its accents and capitals; nothing for fewer than two letters. */
export function foundByName(organisations: readonly Organisation[], search: string): readonly Organisation[] {
  const plain = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim()
  const wanted = plain(search)
  if (wanted.length < 2) return []
  return organisations
    .filter(({ isInForce, name }) => isInForce && plain(name).includes(wanted))
    .toSorted((a, b) => compareTexts(a.name, b.name))
    .slice(0, SHOWN_MAX)
}
