import { decodeQR } from 'qr/decode.js'

/** What a picture is looked at in: enough for a code that fills a quarter of it, and quick on a phone. */
const SIDE_MAX = 1_280

/** The text of the QR code in a picture; null where there is none that can be read. */
export async function readQr(picture: Blob | HTMLVideoElement): Promise<string | null> {
  let image: ImageBitmap
  try {
    image = await createImageBitmap(picture)
  } catch {
    return null // no picture, or a camera without a first frame
  }
  const scale = Math.min(1, SIDE_MAX / Math.max(image.width, image.height))
  const [width, height] = [image.width * scale, image.height * scale].map((side) => Math.max(1, Math.round(side))) as [
    number,
    number,
  ]
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context?.drawImage(image, 0, 0, width, height)
  image.close()
  const pixels = context?.getImageData(0, 0, width, height)
  return pixels === undefined ? null : textIn(pixels)
}

export function textIn(pixels: Pick<ImageData, 'width' | 'height' | 'data'>): string | null {
  try {
    const found = decodeQR(pixels)
    return typeof found === 'string' ? found : null
  } catch {
    return null // nothing in it that is a code, or too little of one
  }
}
