import type { FileInRecord, OpenedFiles, ProgressStep } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useServices } from '../app/context.ts'
import { sizeText } from '../app/dates.ts'
import { ListSkeleton, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { type Problem, problemOf } from '../app/problem.ts'
import { useHandOut, useHandOutFile } from '../records/hand-out.ts'
import { safeFileName } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import type { SourceFile } from './dicom/DicomFiles.tsx'
import './viewers.css'

const DicomFiles = lazy(() => import('./dicom/DicomFiles.tsx'))

/** What is looked at as one is in memory as one; of larger studies single files can be saved. */
const LOOKED_AT_BYTES_MAX = 256 * 2 ** 20

/** What holds pictures, going by its name: most systems give DICOM files none or a number. */
const mayBeDicom = ({ name }: FileInRecord): boolean => {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase()
  return (ending === undefined || ending === 'dcm' || ending === 'dicom') && !/(^|\/)DICOMDIR$/i.test(name)
}

/** A record of several files: its pictures as one examination, and each file to be saved by itself. */
export function FilesView({ opened }: { opened: OpenedFiles }) {
  const { client } = useServices()
  const handOut = useHandOut()
  const handOutFile = useHandOutFile()
  const { summary, files } = opened
  const [problem, setProblem] = useState<Problem | null>(null)
  const [turn, setTurn] = useState(0)
  const [saving, setSaving] = useState<{ readonly step: ProgressStep | null } | null>(null)
  const stopping = useRef<AbortController | null>(null)
  // Nobody could stop it any more, or see what became of it.
  useEffect(() => () => stopping.current?.abort(), [])
  const pictures = useMemo(() => files.filter(mayBeDicom), [files])
  const isTooLarge = pictures.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > LOOKED_AT_BYTES_MAX
  const sources = useMemo<SourceFile[]>(
    () =>
      pictures.map(({ name, index }) => ({
        name,
        load: async (signal) => {
          const outcome = await client.openFile(summary, index, signal)
          if (outcome.kind === 'refused') throw new RefusedFile({ kind: 'refused', refusal: outcome.refusal })
          return outcome.value
        },
      })),
    [client, summary, pictures],
  )
  const failed = (error: unknown) => setProblem(error instanceof RefusedFile ? error.problem : problemOf(error))
  const save = async (file: FileInRecord) => {
    try {
      const outcome = await client.openFile(summary, file.index)
      if (outcome.kind === 'refused') setProblem({ kind: 'refused', refusal: outcome.refusal })
      else handOut(outcome.value, file.name.split('/').at(-1) ?? file.name)
    } catch (error) {
      failed(error)
    }
  }
  const saveAll = async () => {
    const file = await handOutFile(safeFileName(summary.fileName ?? `${summary.title}.zip`))
    if (file === null) return
    const { signal } = (stopping.current = new AbortController())
    setSaving({ step: null })
    let isWhole = false
    try {
      const sink = { write: (piece: Uint8Array) => file.write(piece) }
      const outcome = await client.openInto(summary, sink, (step) => signal.aborted || setSaving({ step }), signal)
      isWhole = outcome.kind === 'done' && !signal.aborted
      if (isWhole) await file.finish()
      else if (outcome.kind === 'refused') setProblem({ kind: 'refused', refusal: outcome.refusal })
    } catch (error) {
      if (!signal.aborted) failed(error)
    } finally {
      if (!signal.aborted) setSaving(null)
      if (!isWhole) await file.discard()
    }
  }
  /** At once: what is on its way comes to nothing, however long it takes. */
  const stop = () => {
    stopping.current?.abort()
    setSaving(null)
  }
  return (
    <div className="mg-card mg-content">
      {problem !== null && (
        <ProblemNotice
          problem={problem}
          what={t('viewers.fileNotOpened')}
          onRetry={() => {
            setProblem(null)
            setTurn(turn + 1)
          }}
        />
      )}
      {pictures.length > 0 && isTooLarge && <p className="mg-pad">{t('viewers.studyTooLarge')}</p>}
      {pictures.length > 0 && !isTooLarge && (
        <Suspense fallback={<ListSkeleton label={t('viewers.reading')} rows={3} />}>
          <DicomFiles key={turn} files={sources} onError={failed} />
        </Suspense>
      )}
      <details className="mg-details mg-files" open={pictures.length === 0}>
        <summary>{t('viewers.files', { count: files.length })}</summary>
        <ul className="mg-file-list">
          {files.map((file) => (
            <li key={file.index}>
              <span className="mg-break">
                <bdi>{file.name}</bdi> <span className="mg-soft">{sizeText(file.sizeBytes)}</span>
              </span>
              <Button
                variant="default"
                onClick={() => void save(file)}
                leftSection={<IconDownload size={18} aria-hidden />}
                aria-label={t('viewers.saveFile', { name: file.name })}
              >
                {t('viewers.save')}
              </Button>
            </li>
          ))}
        </ul>
      </details>
      {saving === null ? (
        <div className="mg-pad mg-row">
          <Button variant="default" onClick={() => void saveAll()} leftSection={<IconDownload size={18} aria-hidden />}>
            {t('viewers.saveAll')}
          </Button>
          <span className="mg-soft mg-small">{t('viewers.savedPlain')}</span>
        </div>
      ) : (
        <Saving step={saving.step} onCancel={stop} />
      )}
    </div>
  )
}

/** How far the whole is. Under a share it is gathered first: the log is told of what was taken, not of what was begun. */
function Saving({ step, onCancel }: { step: ProgressStep | null; onCancel: () => void }) {
  return (
    <section className="mg-pad mg-stack" aria-label={t('viewers.saveAll')}>
      {step?.step === 'downloading' && (
        <progress
          className="mg-progress"
          aria-label={t('viewers.saveAll')}
          value={step.doneBytes}
          max={step.totalBytes}
        />
      )}
      <output className="mg-block mg-soft mg-small">{stepText(step)}</output>
      <div className="mg-row">
        <Button variant="default" onClick={onCancel}>
          {t('page.cancel')}
        </Button>
      </div>
    </section>
  )
}

class RefusedFile extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super('refused')
    this.problem = problem
  }
}
