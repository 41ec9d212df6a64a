import { useEffect, useMemo, useState } from 'react'
import type { DicomService } from './dicom-service.ts'
import type { Answer, DicomFacts, Picture } from './dicom-types.ts'
import type { StackItem } from './series.ts'
import { paintGrey, type Window } from './window-level.ts'

/** Pictures kept decoded: those beside the one that is looked at. */
const KEPT_MAX = 24

export interface Shown {
  readonly index: number
  readonly answer: Answer<Picture>
}

/** Pictures by their place in the stack; the latest asked for are kept. */
function createPictures(service: DicomService, items: readonly StackItem[]) {
  const kept = new Map<number, Promise<Answer<Picture>>>()
  return async (index: number): Promise<Answer<Picture> | null> => {
    const item = items[index]
    if (item === undefined) return null
    const answer = kept.get(index) ?? service.picture(item.file, item.frame)
    kept.delete(index)
    kept.set(index, answer) // the latest stand last
    for (const oldest of [...kept.keys()].slice(0, -KEPT_MAX)) kept.delete(oldest)
    return answer
  }
}

/** The picture that is asked for, or the one before until it is there; its neighbours are read meanwhile. */
export function usePicture(service: DicomService, items: readonly StackItem[], index: number): Shown | null {
  const ask = useMemo(() => createPictures(service, items), [service, items])
  const [shown, setShown] = useState<Shown | null>(null)
  useEffect(() => {
    let isOver = false
    const show = async () => {
      const answer = await ask(index)
      if (isOver || answer === null) return
      setShown({ index, answer })
      for (const near of [index + 1, index + 2]) void ask(near)
    }
    void show()
    return () => {
      isOver = true
    }
  }, [ask, index])
  return shown
}

/** Puts a picture on a canvas of its own size, stretched where its pixels are no squares. */
export function draw(
  canvas: HTMLCanvasElement,
  picture: Picture,
  window: Window | null,
  isInverted: boolean,
  facts?: DicomFacts,
): void {
  const { columns, rows } = picture
  const image = new ImageData(columns, rows)
  if (picture.kind === 'colour') image.data.set(picture.rgba)
  else if (window !== null) paintGrey(picture, window, isInverted, new Uint32Array(image.data.buffer))
  const aspect = facts?.pixelAspect ?? 1
  canvas.width = columns
  canvas.height = Math.max(1, Math.round(rows * aspect))
  const context = canvas.getContext('2d')
  if (aspect === 1) return context?.putImageData(image, 0, 0)
  const aside = document.createElement('canvas')
  aside.width = columns
  aside.height = rows
  aside.getContext('2d')?.putImageData(image, 0, 0)
  context?.drawImage(aside, 0, 0, columns, canvas.height)
}
