import { encodeQR } from 'qr'
import { useMemo } from 'react'
import './qr.css'

/** Modules of white around the code, as ISO/IEC 18004 asks for. */
const QUIET = 4

/** Dark on white in the dark, too: many readers know no other. @param isDense for a text of a thousand letters: as few modules as it can have, and a larger picture. */
export function QrPicture({ text, label, isDense = false }: { text: string; label: string; isDense?: boolean }) {
  const ecc = isDense ? 'low' : 'medium'
  const rows = useMemo(() => encodeQR(text, 'raw', { ecc, border: QUIET }), [text, ecc])
  const path = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <figure className={isDense ? 'mg-qr mg-qr-dense' : 'mg-qr'} aria-label={label}>
      <svg viewBox={`0 0 ${rows.length} ${rows.length}`} aria-hidden>
        <rect width={rows.length} height={rows.length} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
    </figure>
  )
}
