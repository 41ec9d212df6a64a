import type { en } from './en.ts'

// What the compiler knows about texts. English says which texts there are, what they ask for and what is marked in them; every other
// language has the same ones, each counted text in each of its plural forms.

type English = typeof en
type Area = keyof English

/** `records` of `records_one` and `records_other`: a text that depends on a count. */
type Counted<Names> = Names extends `${infer Stem}_other` ? Stem : never
type Uncounted<Names> = Exclude<Names, `${Counted<Names>}_${Intl.LDMLPluralRule}`>
type NamesIn<A extends Area> = Uncounted<keyof English[A] & string> | Counted<keyof English[A]>

/** `area.name`; of a counted text the name without its plural form. */
export type TextKey = { [A in Area]: `${A}.${NamesIn<A>}` }[Area]

type IsCounted<K extends TextKey> = K extends `${infer A extends Area}.${infer N}`
  ? N extends Counted<keyof English[A]>
    ? true
    : false
  : never
type TextOf<K extends TextKey> = K extends `${infer A extends Area}.${infer N}`
  ? N extends keyof English[A]
    ? English[A][N]
    : `${N}_other` extends keyof English[A]
      ? English[A][`${N}_other`]
      : never
  : never

type Placeholders<T> = T extends `${string}{{${infer Name}}}${infer Rest}`
  ? (Name extends `${infer Bare},${string}` ? Bare : Name) | Placeholders<Rest>
  : never
type Marks<T> = T extends `${string}</${infer Name}>${infer Rest}` ? Name | Marks<Rest> : never

/** What a text asks for. Numbers are written as the reader writes them; text of people and records keeps its own direction. */
export type ValuesOf<K extends TextKey> = {
  readonly [Name in Exclude<Placeholders<TextOf<K>>, 'count'>]: string | number
} & (true extends IsCounted<K> ? { readonly count: number } : unknown)

/** What is marked in a text: `link` of `See <link>the help</link>`. */
export type MarksOf<K extends TextKey> = Marks<TextOf<K>>

/** Texts that are marked nowhere, so that they can stand where only text can. */
export type PlainKey = { [K in TextKey]: [MarksOf<K>] extends [never] ? K : never }[TextKey]
export type MarkedKey = Exclude<TextKey, PlainKey>

/** Texts that ask for nothing: what a constant may name instead of holding a text. */
export type SimpleKey = { [K in PlainKey]: [keyof ValuesOf<K>] extends [never] ? K : never }[PlainKey]

/** Nothing to pass where a text asks for nothing. */
export type Values<K extends TextKey> = [keyof ValuesOf<K>] extends [never] ? [] : [values: ValuesOf<K>]

/** Every text of English in another language, counted ones once for each plural form `Forms` that it has. */
export type Translation<Forms extends Intl.LDMLPluralRule> = {
  readonly [A in Area]: { readonly [N in Uncounted<keyof English[A] & string>]: string } & {
    readonly [N in `${Counted<keyof English[A]>}_${Forms}`]: string
  }
}
