import { useEffect, useState } from 'react'
import { ListSkeleton } from '../../app/elements.tsx'
import { t } from '../../words/language.ts'
import { Unshown } from '../Unshown.tsx'
import { startDicom, type DicomService } from './dicom-service.ts'
import type { Unreadable } from './dicom-types.ts'
import { EcgView } from './EcgView.tsx'
import { type ReadFile, type Series, seriesOf } from './series.ts'
import { StackView } from './StackView.tsx'
import '../viewers.css'

/** A file that may hold pictures, fetched when it is its turn. */
export interface SourceFile {
  readonly name: string
  /** @throws whatever keeps its bytes from coming: nothing is shown then. */
  load(signal: AbortSignal): Promise<Uint8Array>
}

interface Failed {
  readonly name: string
  readonly why: Unreadable
  readonly detail: string
}
type Reading =
  | { readonly status: 'reading'; readonly done: number }
  | { readonly status: 'failed'; readonly error: unknown }
  | {
      readonly status: 'ready'
      readonly service: DicomService
      readonly series: readonly Series[]
      readonly failed: readonly Failed[]
    }

/** DICOM files, read in a worker of their own, which ends when this leaves the page. Keep `files` the same, or it begins anew. */
export default function DicomFiles({
  files,
  onError,
}: {
  files: readonly SourceFile[]
  onError?: (error: unknown) => void
}) {
  const [reading, setReading] = useState<Reading>({ status: 'reading', done: 0 })
  const [chosen, setChosen] = useState(0)
  useEffect(() => {
    const service = startDicom()
    const over = new AbortController()
    const readAll = async () => {
      const read: ReadFile[] = []
      const failed: Failed[] = []
      for (const [file, source] of files.entries()) {
        const bytes = await source.load(over.signal)
        const answer = await service.read(file, bytes)
        if (over.signal.aborted) return
        const { name } = source
        if (answer.kind === 'read') read.push({ file, name, facts: answer.value })
        else failed.push({ name, why: answer.why, detail: answer.detail })
        setReading({ status: 'reading', done: file + 1 })
      }
      setReading({ status: 'ready', service, series: seriesOf(read), failed })
    }
    readAll().catch((error: unknown) => {
      if (over.signal.aborted) return
      setReading({ status: 'failed', error })
      onError?.(error)
    })
    return () => {
      over.abort()
      service.close()
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- who is told of an error does not begin the reading anew
  }, [files])

  if (reading.status === 'failed') return onError === undefined ? <Unshown why="damaged" /> : null
  if (reading.status === 'reading') {
    const label =
      files.length === 1 ? t('viewers.reading') : t('viewers.readingOf', { done: reading.done, all: files.length })
    return <ListSkeleton label={label} rows={3} />
  }
  const { service, series, failed } = reading
  const shown = series[chosen]
  const [first] = failed
  if (shown === undefined) return <Unshown why={first?.why ?? 'noPicture'} detail={first?.detail ?? ''} />
  const [item] = shown.items
  return (
    <div className="mg-viewer">
      {series.length > 1 && (
        <div className="mg-tools">
          <label className="mg-tool-field">
            <span>{t('viewers.series')}</span>
            <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
              {series.map(({ key, name, items }, i) => (
                <option key={key} value={i}>
                  {`${name} (${items.length})`}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {shown.isEcg && item !== undefined ? (
        <EcgView key={shown.key} service={service} file={item.file} facts={item.facts} />
      ) : (
        <StackView key={shown.key} service={service} items={shown.items} />
      )}
      {failed.length > 0 && <p className="mg-pad mg-soft">{t('viewers.leftOut', { count: failed.length })}</p>}
    </div>
  )
}
