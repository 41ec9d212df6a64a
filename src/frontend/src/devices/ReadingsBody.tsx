import { useMemo } from 'react'
import { t } from '../words/language.ts'
import { readingsIn } from './readings-reader.ts'
import ReadingsView from './ReadingsView.tsx'

/** A record of readings by itself. */
export default function ReadingsBody({ bytes }: { bytes: Uint8Array }) {
  const readings = useMemo(() => readingsIn(bytes), [bytes])
  return (
    <div className="mg-pad">
      {readings === null ? (
        <p className="mg-bad-text">{t('devices.notReadable', { count: 1 })}</p>
      ) : (
        <ReadingsView readings={readings} />
      )}
    </div>
  )
}
