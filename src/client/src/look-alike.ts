/** Letters of other scripts, and signs, that are read as Latin ones: the common ones, by what they are read as (Unicode TR39 has them all). */
const READ_AS: Readonly<Record<string, string>> = {
  а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ј: 'j', ѕ: 's', ԁ: 'd', һ: 'h', ӏ: 'l', в: 'b', к: 'k', м: 'm', н: 'h', т: 't', г: 'r', п: 'n',
  α: 'a', ο: 'o', ρ: 'p', ν: 'v', υ: 'u', ι: 'i', κ: 'k', τ: 't', ε: 'e', η: 'n', χ: 'x', γ: 'y', β: 'b', ω: 'w',
  ı: 'i', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', æ: 'ae', œ: 'oe', ß: 'ss', ɑ: 'a', ɡ: 'g', ℓ: 'l',
  '0': 'o', '1': 'l', '3': 'e', '5': 's', '8': 'b', '|': 'l', '!': 'l', $: 's', '@': 'a',
} // prettier-ignore

/**
 * What a name looks like, to compare names by: two that a hurried reader takes for one have the same. Never shown.
 */
export function looksOf(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const read = Array.from(plain, (char) => READ_AS[char] ?? char).join('')
  return read
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replaceAll('i', 'l')
}
