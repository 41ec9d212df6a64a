import { epochOfSearchWords, openSearchWords, passcodeVerifier, sealJwe, sealSearchWords } from '@medguard/crypto'
import {
  CATEGORIES,
  type Category,
  categoryNumber,
  LINK_ATTEMPTS_DEFAULT,
  LINK_CONTENT_TYPES,
  LINK_LABEL_CHARS_MAX,
  LINK_PASSCODE_CHARS_MAX,
  LINK_PASSCODE_ROUNDS,
  linkEndName,
  type LinkView,
  NS_PER_SECOND,
  refusalOf,
  refuse,
  toBase64Url,
  toHex,
} from '@medguard/protocol'
import type { OpenedRecord, Progress } from './api.ts'
import type { RecordAddress } from './api-records.ts'
import { cryptoWork } from './crypto-fault.ts'
import { collectionOf } from './link-bundle.ts'
import { linkText } from './link-format.ts'
import { linkOrigin } from './link-origin.ts'
import type { LinkContent, LinkInfo, LinksPart, NewLink } from './links-api.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { epochOf, optionOf, ownReaches } from './place.ts'
import type { Session } from './session.ts'

/** What a link is called is sealed as what a device remembers is: under the key of the kind of record that the profile is. */
const UNDER = CATEGORIES[0]
const FLAG_PASSCODE = 'P'

interface Reading {
  readonly open: (address: RecordAddress, progress?: Progress) => Promise<OpenedRecord>
  /** An International Patient Summary of what is in these categories. */
  readonly summary: (
    categories: readonly Category[],
    progress?: Progress,
  ) => Promise<{ readonly bytes: Uint8Array; readonly leftOut: number }>
}

/** Links for people without an account: made from copies, sealed here under keys of their own. */
export function linksPart(session: Session, { open, summary }: Reading): LinksPart {
  const { canisters, keyRing, network, unlocked } = session
  const patientId = () => optionOf(session.actsFor)
  const labels = createLabels(session)

  const contentsOf = async (
    { content }: NewLink,
    progress?: Progress,
  ): Promise<{ readonly contents: readonly LinkContent[]; readonly leftOut: number }> => {
    if ('files' in content) return { contents: content.files, leftOut: 0 }
    if ('summaryOf' in content) {
      const { bytes, leftOut } = await summary(content.summaryOf, progress)
      return { contents: [{ contentType: 'application/fhir+json', bytes }], leftOut }
    }
    const opened: OpenedRecord[] = []
    for (const record of content.records) {
      opened.push(await open(record))
      progress?.({ step: 'sharing', doneRecords: opened.length, totalRecords: content.records.length })
    }
    const bytes = collectionOf(opened, Date.now())
    return { contents: [{ contentType: 'application/fhir+json', bytes }], leftOut: 0 }
  }

  return {
    makeLink: (link, progress) =>
      unlocked(async () => {
        const wrong = wrongLink(link)
        if (wrong !== null) throw new Refused(refusalOf(refuse.badInput(wrong, 'format')))
        const { label, endNs, passcode, attempts = LINK_ATTEMPTS_DEFAULT } = link
        const { contents, leftOut } = await contentsOf(link, progress)
        const [token, key, salt] = [32, 32, 16].map((length) => crypto.getRandomValues(new Uint8Array(length)))
        if (token === undefined || key === undefined || salt === undefined) throw new Error('there are three')
        const files = await cryptoWork(() =>
          Promise.all(
            contents.map(async ({ contentType, bytes }) => ({
              contentType: LINK_CONTENT_TYPES.indexOf(contentType),
              jwe: new TextEncoder().encode(await sealJwe(key, contentType, bytes)),
            })),
          ),
        )
        const verifier = passcode === null ? null : await passcodeVerifier(passcode, salt, LINK_PASSCODE_ROUNDS)
        const tokenHash = new Uint8Array(await crypto.subtle.digest('SHA-256', token))
        const origin = linkOrigin(network)
        progress?.({ step: 'confirming' })
        const { linkId } = okOf(
          await canisters.records.makeLink({
            patientId: patientId(),
            tokenHash,
            label: await labels.seal(label, toHex(tokenHash.subarray(0, 16))),
            origin,
            endNs,
            passcode: verifier === null ? [] : [{ salt, verifier, attemptsMax: attempts }],
            fileKey: crypto.getRandomValues(new Uint8Array(32)),
            files,
            requestId: newId(),
          }),
        )
        const url = `${origin}/links/${toBase64Url(token)}`
        const flag = passcode === null ? '' : FLAG_PASSCODE
        const exp = Number(endNs / NS_PER_SECOND)
        return { linkId: toHex(linkId), link: linkText({ url, key, exp, flag, label: label || null }), endNs, leftOut }
      }),
    links: () =>
      unlocked(async () => {
        const views = okOf(await canisters.records.links({ patientId: patientId() }))
        const named = await Promise.all(views.map(async (view) => infoOf(view, await labels.open(view))))
        return named.toReversed()
      }),
    endLink: (linkId) =>
      unlocked(async () => {
        const arg = { patientId: patientId(), linkId: idOf(linkId), requestId: newId() }
        okOf(await canisters.records.endLink(arg))
        return null
      }),
  }

  function createLabels({ account }: Session) {
    const keysAt = async (epoch: number | null) => {
      const { compartments, ...own } = await account()
      const [reach] = ownReaches({ ...own, compartments }, [UNDER])
      const home = compartments.find(({ category }) => category === categoryNumber(UNDER))
      if (reach === undefined || home === undefined) throw new Refused(refusalOf(refuse.notPermitted))
      return keyRing.keysOf(epochOf(reach, epoch ?? home.currentEpoch), null)
    }
    return {
      async seal(label: string, linkId: string): Promise<Uint8Array> {
        const keys = await keysAt(null)
        return cryptoWork(() => sealSearchWords(keys, new TextEncoder().encode(JSON.stringify({ linkId, label }))))
      },
      /** Null where its key is no more, or it is another link's. */
      async open({ linkId, label }: LinkView): Promise<string | null> {
        const epoch = epochOfSearchWords(label)
        if (epoch === null) return null
        try {
          const opened = await openSearchWords(await keysAt(epoch), label)
          const said = JSON.parse(new TextDecoder().decode(opened)) as Partial<Record<string, unknown>>
          return said['linkId'] === toHex(linkId) && typeof said['label'] === 'string' ? said['label'] : null
        } catch {
          return null // what it is called is all that is missing
        }
      },
    }
  }
}

function wrongLink({ label, passcode, content }: NewLink): string | null {
  if (Array.from(label).length > LINK_LABEL_CHARS_MAX) return 'label'
  if (passcode !== null && (passcode.trim() === '' || passcode.length > LINK_PASSCODE_CHARS_MAX)) return 'passcode'
  const chosen = 'records' in content ? content.records : 'files' in content ? content.files : content.summaryOf
  return chosen.length === 0 ? 'records' : null
}

const infoOf = (view: LinkView, label: string | null): LinkInfo => {
  const { linkId, madeNs, endNs, ended, hasPasscode, attemptsMax, attemptsLeft, sizeBytes, openings } = view
  const [end] = ended
  return {
    linkId: toHex(linkId),
    label,
    madeNs,
    endNs,
    ended: end === undefined ? null : { atNs: end.atNs, why: linkEndName(end.why) },
    hasPasscode,
    attemptsMax,
    attemptsLeft,
    sizeBytes,
    openings,
    lastOpenings: view.lastOpenings.map(({ atNs, recipient }) => ({ atNs, saysTheyAre: recipient })),
  }
}
