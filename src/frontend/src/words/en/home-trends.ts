export const homeTrends = {
  homeTrends: {
    all: 'All trends',
    show: 'Show this on Home',
    showOf: 'Show {{what}} on Home',
    full: 'Home shows {{max}} at most: take one away first',
    looking: 'Looking up what Home shows…',
    notKnown: 'What you chose for Home is not known',
    saving: 'Saving…',
    none: 'Choose values under Trends, and they are shown here.',
    go: 'Show the values I chose',
    toRead_one: 'Your profile and {{count}} record are opened for it, which stands in your access log.',
    toRead_other: 'Your profile and {{count}} records are opened for it, which stands in your access log.',
  },
} as const
