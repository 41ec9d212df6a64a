export const keeping = {
  keeping: {
    title: 'Whole kinds of records',
    text: 'All records of a kind, and new ones as this device sees them, encrypted as single ones are. Each is opened once for that, which is in your access log.',
    none: 'You have no records yet.',
    count_one: '{{count}} record, {{size}}',
    count_other: '{{count}} records, {{size}}',
    here: '{{here}} of {{all}} are here',
    large_one: '{{count}} is larger than {{size}} or cannot be read, and is not kept.',
    large_other: '{{count}} are larger than {{size}} or cannot be read, and are not kept.',
    keep: 'Keep all',
    keepOf: 'Keep all of {{kind}} on this device',
    stop: 'Stop and remove',
    stopOf: 'Stop keeping {{kind}}, and remove them from this device',
    working: 'Keeping record {{at}} of {{total}}…',
    left_one: '{{count}} record is not kept yet',
    left_other: '{{count}} records are not kept yet',
    noRoom:
      'There is no more room. Up to {{size}} are kept here, and less where this device has no room left. Stop keeping what you need least.',
    withKind: 'Kept with all of {{kind}}',
    link: 'What this device keeps',
  },
} as const
