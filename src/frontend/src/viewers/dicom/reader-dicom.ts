import { expose, transfer } from 'comlink'
import { type DicomFile, readDicom } from './dicom-file.ts'
import { type Answer, type DicomReader, UnreadableFile } from './dicom-types.ts'
import { readEcg } from './ecg.ts'
import { readPicture } from './pictures.ts'

// The worker that reads DICOM files. Its policy (scripts/app-headers.ts) lets it run WebAssembly and reach nothing: what it reads was made by others, and
// it is ended when it takes too long.

const files = new Map<number, DicomFile>()

const answered = async <T>(work: () => T | Promise<T>): Promise<Answer<T>> => {
  try {
    return { kind: 'read', value: await work() }
  } catch (error) {
    // Whatever else a hostile file makes a decoder throw: the file is not shown.
    const { why, detail } = error instanceof UnreadableFile ? error : { why: 'damaged' as const, detail: '' }
    return { kind: 'unreadable', why, detail }
  }
}
const fileOf = (file: number): DicomFile => {
  const known = files.get(file)
  if (known === undefined) throw new UnreadableFile('damaged')
  return known
}

const reader: DicomReader = {
  read: (file, bytes) =>
    answered(() => {
      const read = readDicom(bytes)
      files.set(file, read)
      return read.facts
    }),
  async picture(file, frame) {
    const answer = await answered(() => readPicture(fileOf(file), frame))
    if (answer.kind !== 'read') return answer
    const { value } = answer
    return transfer(answer, [value.kind === 'grey' ? value.values.buffer : value.rgba.buffer])
  },
  async ecg(file) {
    const answer = await answered(() => readEcg(fileOf(file)))
    return answer.kind === 'read'
      ? transfer(
          answer,
          answer.value.leads.map(({ samples }) => samples.buffer),
        )
      : answer
  },
}
expose(reader)
