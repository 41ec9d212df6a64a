import type { OpenedRecord } from '@medguard/client'
import { useKnown, useServices } from '../app/context.ts'
import { Link } from '../app/elements.tsx'
import { Marked } from '../words/Marked.tsx'
import { textAt } from './json-paths.ts'

/** An entry that was read from a paper says which record that is (`sourceOf` in paper/paper-store.ts). */
const SOURCE = /^urn:medguard:record:([0-9a-f]{32})$/
const BYTES_MAX = 100_000

/** Leads to the paper that an entry was read from, where it is still there. */
export function ReadFrom({ opened: { summary, bytes } }: { opened: OpenedRecord }) {
  const records = useKnown(useServices().records)
  const recordId = summary.mediaType === 'application/fhir+json' ? sourceIn(bytes) : null
  const paper = records?.find((record) => record.recordId === recordId)
  if (paper === undefined) return null
  return (
    <p className="mg-soft">
      <Marked
        text="paper.source"
        values={{ title: paper.title }}
        marks={{ link: (text) => <Link to={{ name: 'record', recordId: paper.recordId }}>{text}</Link> }}
      />
    </p>
  )
}

function sourceIn(bytes: Uint8Array): string | null {
  if (bytes.length > BYTES_MAX) return null
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return SOURCE.exec(textAt(json, 'meta', 'source') ?? '')?.[1] ?? null
  } catch {
    return null // says that it is JSON and is none
  }
}
