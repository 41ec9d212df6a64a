/** HKDF `info` of every derived key, and what authors sign: `label || 0x00 || fields`. Labels have no zero byte and fields a fixed size. */
import { ascii, joinBytes } from './bytes.ts'

const LABELS = {
  listKek: 'medguard/1/kek-list',
  openKek: 'medguard/1/kek-open',
  capsuleKek: 'medguard/1/kek-capsule',
  searchKek: 'medguard/1/kek-search',
  checkValue: 'medguard/1/kek-check',
  headerSecret: 'medguard/1/header-secret',
  openCommitment: 'medguard/1/commit-open',
  listCommitment: 'medguard/1/commit-list',
  body: 'medguard/1/body',
  header: 'medguard/1/header',
  resume: 'medguard/1/resume',
  archive: 'medguard/1/archive',
  capsuleInit: 'medguard/1/capsule-init',
  capsuleStep: 'medguard/1/capsule-step',
  capsuleWrap: 'medguard/1/capsule-wrap',
  author: 'medguard/1/author',
  authorKey: 'medguard/1/author-key',
} as const

export type Label = keyof typeof LABELS

const beginnings = new Map<Label, Uint8Array>()

export function infoOf(label: Label, ...fields: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const beginning = beginnings.get(label) ?? ascii(`${LABELS[label]}\0`)
  beginnings.set(label, beginning)
  return joinBytes([beginning, ...fields])
}
