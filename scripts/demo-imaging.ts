import { FILES_MEDIA_TYPE, type MedGuardClient } from '@medguard/client'
import { dicomEcg, dicomPictures, drawnSlice, type SamplePatient } from '@medguard/synthetic'

import { must } from './outcome.ts'

const SIZE = 256
const SLICES = 16
const ABOUT = { category: 'imaging', clinicalDate: '2026-03-14' } as const

/** An examination of several files and an electrocardiogram, drawn and computed, unless they are there. */
export async function addImaging(
  client: MedGuardClient,
  { person, birthDate }: SamplePatient,
  titles: ReadonlySet<string>,
) {
  const patient = { name: `${person.family}^${person.given}`, id: 'DEMO', birthDate }
  const series = Array.from({ length: SLICES }, (_, i) => ({
    name: `series/${String(i + 1).padStart(4, '0')}.dcm`,
    content: dicomPictures({
      patient,
      rows: SIZE,
      columns: SIZE,
      instance: i + 1,
      isSigned: true,
      pixels: drawnSlice(SIZE, i / 3),
      windows: [
        { center: 40, width: 400, name: 'Tissue' },
        { center: -600, width: 1500, name: 'Lung' },
      ],
    }),
  }))
  const study = {
    title: 'CT of the chest',
    fileName: 'ct-chest.zip',
    mediaType: FILES_MEDIA_TYPE,
    bytes: { files: series },
  }
  const ecg = { title: 'ECG at rest', fileName: 'ecg.dcm', mediaType: 'application/dicom', bytes: dicomEcg(patient) }
  for (const record of [study, ecg]) if (!titles.has(record.title)) must(await client.add({ ...ABOUT, ...record }))
}
