import type { PeopleInfo, RecoveryInfo } from '@medguard/client'
import { readShareCode } from '../sharing/share-code.ts'
import { t } from '../words/language.ts'

/** What somebody is about to say of how their account comes back, as it stands in the form. */
export interface RecoveryDraft {
  readonly kit: 'keep' | 'new' | 'none' | null
  /** Share codes, one a line. */
  readonly guardians: string
  readonly needed: string
}
export type RecoveryErrors = Partial<Record<keyof RecoveryDraft, string>>

/** Of the canisters (canisters/shared/src/recovery-rules.ts). */
const GUARDIANS_MAX = 8

/** The settings that hold or will; null where there are none, or where the two canisters differ: then nothing may be built upon them. */
export const presentSettings = ({ recovery, comingRecovery, isRecoveryWhole }: PeopleInfo): RecoveryInfo | null =>
  isRecoveryWhole ? (comingRecovery ?? recovery) : null

/** Whether anything would bring the account back. */
export const isRecoverySet = (people: PeopleInfo): boolean => {
  const settings = presentSettings(people)
  return settings !== null && (settings.kit !== null || settings.guardians.length > 0)
}

/** A kit that is there stays unless somebody says otherwise; where there is none, nothing is chosen beforehand. */
export function draftOf(present: RecoveryInfo | null): RecoveryDraft {
  if (present === null) return { kit: null, guardians: '', needed: '' }
  return {
    kit: present.kit === null ? null : 'keep',
    guardians: present.guardians.join('\n'),
    needed: present.threshold === 0 ? '' : String(present.threshold),
  }
}

const linesOf = ({ guardians }: RecoveryDraft) => guardians.split('\n').filter((line) => line.trim() !== '')

function guardiansOf(draft: RecoveryDraft, own: string): string[] | null {
  const codes = linesOf(draft).flatMap((line) => {
    const read = readShareCode(line, own)
    return read.kind === 'code' ? [read.code] : []
  })
  const isSound = codes.length === linesOf(draft).length && new Set(codes).size === codes.length
  return isSound && codes.length <= GUARDIANS_MAX ? codes : null
}

/** What is missing, by field. @param own code of whose account it is. */
export function recoveryErrors(draft: RecoveryDraft, own: string): RecoveryErrors {
  const errors: RecoveryErrors = {}
  const guardians = guardiansOf(draft, own)
  if (draft.kit === null) errors.kit = t('recovery.kitMissing')
  else if (draft.kit === 'none' && guardians?.length === 0) errors.kit = t('recovery.nothing')
  if (guardians === null) errors.guardians = t('recovery.guardiansWrong')
  else if (guardians.length > 0) {
    const needed = Number(draft.needed)
    if (!Number.isInteger(needed) || needed < 1 || needed > guardians.length) errors.needed = t('recovery.neededWrong')
  }
  return errors
}

/** @param kit principal of the kit that there is to be. Null while anything is missing. */
export function settingsOf(draft: RecoveryDraft, own: string, kit: string | null): RecoveryInfo | null {
  const guardians = guardiansOf(draft, own)
  if (guardians === null || Object.keys(recoveryErrors(draft, own)).length > 0) return null
  return { kit, guardians, threshold: guardians.length === 0 ? 0 : Number(draft.needed) }
}

/** Groups of a kit, counted from 1; which one is asked for is drawn anew for each kit. */
export const groupOf = (kit: string, number: number): string => kit.split('-')[number - 1] ?? ''
export function drawGroup(kit: string): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
  return (drawn % kit.split('-').length) + 1
}
/** As kits are read: in any case, O for 0, I and L for 1. */
export const isGroup = (kit: string, number: number, typed: string): boolean =>
  typed.trim().toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1') === groupOf(kit, number)
