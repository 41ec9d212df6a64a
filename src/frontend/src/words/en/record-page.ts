export const recordPage = {
  recordPage: {
    stoppedHalf: 'Nothing opens any more. The other half of the network has not confirmed it yet: asking again…',
    moreKinds: 'This share covers more than this record: everything in {{kinds}}. All of it stops.',
    moreRecords: 'Records that were chosen one by one stop together: the others in this share stop, too.',
    moreOrganisation: 'It stops for everybody who works there.',
  },
} as const
