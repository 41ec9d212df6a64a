import { Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { FileTrouble } from './read-files.ts'

/** What gives no record, and why, file by file. */
export function Troubles({ troubles }: { troubles: readonly FileTrouble[] }) {
  if (troubles.length === 0) return null
  return (
    <Notice tone="warn" title={t('imports.troubles', { count: troubles.length })}>
      <ul className="mg-import-troubles">
        {troubles.map(({ path, why }, place) => (
          // One file can fail for one reason once; two of one name are told apart by their place alone.
          <li key={place}>
            <bdi className="mg-break">{path}</bdi> {why}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
