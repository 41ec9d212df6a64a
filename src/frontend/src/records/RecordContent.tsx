import { unreachable } from '../app/unreachable.ts'
import type { OpenedRecord } from '@medguard/client'
import { Button } from '@mantine/core'
import { IconDownload, IconFile } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { sizeText } from '../app/dates.ts'
import { ListSkeleton } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { FhirView } from './FhirView.tsx'
import { useHandOut } from './hand-out.ts'
import { typeText } from './media.ts'
import { type ReadBody, readBody } from './read-body.ts'
import './records.css'

// Each with what it needs to read its kind of file: fetched when such a record is opened.
const PdfView = lazy(() => import('../viewers/pdf/PdfView.tsx'))
const DicomFiles = lazy(() => import('../viewers/dicom/DicomFiles.tsx'))
const ReadingsBody = lazy(() => import('../devices/ReadingsBody.tsx'))
const PictureView = lazy(() => import('../viewers/PictureView.tsx'))

/** The content of a record that passed its checks, shown by what it is. What nobody here can show is only saved. */
export function RecordContent({ opened }: { opened: OpenedRecord }) {
  const { summary, bytes } = opened
  const body = useMemo(() => readBody(summary.mediaType, bytes), [summary.mediaType, bytes])
  const handOut = useHandOut()
  const save = () => handOut(bytes, summary.fileName ?? summary.title)
  return (
    <div className="mg-card mg-content">
      <Body body={body} opened={opened} />
      {body.as !== 'file' && (
        <div className="mg-pad mg-row">
          <Button variant="default" onClick={save} leftSection={<IconDownload size={18} aria-hidden />}>
            {t('records.save')}
          </Button>
          <span className="mg-soft mg-small">{t('records.saveWarning')}</span>
        </div>
      )}
      {body.as === 'file' && (
        <div className="mg-file">
          <IconFile size={40} stroke={1.3} aria-hidden className="mg-soft" />
          <div className="mg-file-text">
            <p>
              <strong>
                <bdi>{summary.fileName ?? summary.title}</bdi>
              </strong>
            </p>
            <p className="mg-soft">
              {t('records.fileText', { type: typeText(summary.mediaType), size: sizeText(bytes.length) })}
            </p>
          </div>
          <Button onClick={save} leftSection={<IconDownload size={18} aria-hidden />}>
            {t('records.save')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** A FHIR bundle's JSON goes to the screen at most this far; all of it is in the saved file. */
const JSON_CHARS_MAX = 100_000

function Body({ body, opened }: { body: ReadBody; opened: OpenedRecord }) {
  const [isRaw, setRaw] = useState(false)
  switch (body.as) {
    case 'fhir':
      return (
        <>
          <FhirView reading={body.reading} />
          <div className="mg-content-head">
            <Button variant="default" aria-expanded={isRaw} onClick={() => setRaw(!isRaw)}>
              {t(isRaw ? 'records.hideOriginal' : 'records.showOriginal')}
            </Button>
          </div>
          {isRaw && <JsonText text={body.json} />}
        </>
      )
    case 'json':
      return <JsonText text={body.text} />
    case 'text':
      return (
        <pre className="mg-text" dir="auto">
          {body.text}
        </pre>
      )
    case 'image':
    case 'pdf':
    case 'dicom':
    case 'readings':
      return (
        <Suspense fallback={<ListSkeleton label={t('viewers.reading')} rows={3} />}>
          <Viewer as={body.as} opened={opened} />
        </Suspense>
      )
    case 'file':
      return null
    default:
      return unreachable(body)
  }
}

function JsonText({ text }: { text: string }) {
  return (
    <>
      <section className="mg-json" aria-label={t('records.original')}>
        <pre dir="ltr">{text.slice(0, JSON_CHARS_MAX)}</pre>
      </section>
      {text.length > JSON_CHARS_MAX && <p className="mg-pad mg-soft mg-small">{t('records.beginning')}</p>}
    </>
  )
}

function Viewer({ as, opened }: { as: 'image' | 'pdf' | 'dicom' | 'readings'; opened: OpenedRecord }) {
  const { summary, bytes } = opened
  const { title, mediaType } = summary
  const files = useMemo(() => [{ name: title, load: async () => bytes }], [title, bytes])
  switch (as) {
    case 'image':
      return <PictureView bytes={bytes} mediaType={mediaType} title={title} />
    case 'pdf':
      return <PdfView bytes={bytes} title={title} />
    case 'dicom':
      return <DicomFiles files={files} />
    case 'readings':
      return <ReadingsBody bytes={bytes} />
    default:
      return unreachable(as)
  }
}
