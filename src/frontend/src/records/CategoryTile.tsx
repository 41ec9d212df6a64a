import type { Category } from '@medguard/client'
import {
  IconBone,
  IconClipboardHeart,
  IconFile,
  IconFileText,
  IconFlask,
  IconHeartbeat,
  IconLockHeart,
  IconPill,
  IconStack2,
} from '@tabler/icons-react'

const ICONS = {
  summary: IconClipboardHeart,
  labs: IconFlask,
  imaging: IconBone,
  medicines: IconPill,
  documents: IconFileText,
  vitals: IconHeartbeat,
  sensitive: IconLockHeart,
  other: IconFile,
  shared: IconStack2,
} as const satisfies Record<Category | 'shared', typeof IconFile>

const HUES: Record<Category | 'shared', number> = {
  summary: 0,
  labs: 2,
  imaging: 4,
  medicines: 6,
  documents: 1,
  vitals: 3,
  sensitive: 5,
  other: 7,
  shared: 7,
}

/** Decoration beside a label: the label is what counts. */
export function CategoryTile({ category }: { category: Category | 'shared' }) {
  const Icon = ICONS[category]
  return (
    <span className={`mg-tile mg-hue-${HUES[category]}`} aria-hidden>
      <Icon size={22} stroke={1.7} />
    </span>
  )
}
