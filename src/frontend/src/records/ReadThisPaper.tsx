import { Button } from '@mantine/core'
import { IconTextScan2 } from '@tabler/icons-react'
import { useRouter } from '../app/context.ts'
import { t } from '../words/language.ts'

/** Pictures and PDF files, going by their names: what may be a paper. */
export const isPaper = ({ name, type }: File): boolean =>
  /^image\/(?:png|jpeg|webp|gif)$|^application\/pdf$/.test(type) || /\.(?:pdf|png|jpe?g|webp)$/i.test(name)

/** Leads to where what was chosen is read. */
export function ReadThisPaper() {
  const { go } = useRouter()
  return (
    <Button
      variant="default"
      onClick={() => go({ name: 'paper' })}
      leftSection={<IconTextScan2 size={20} aria-hidden />}
    >
      {t('paper.offer')}
    </Button>
  )
}
