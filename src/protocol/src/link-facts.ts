// What canisters and clients know of links alike. Canisters link it: no Candid types here (they are in `links.ts`).

/** What a file of a link may be; its number on the wire is its place here. */
export const LINK_CONTENT_TYPES = ['application/fhir+json', 'application/smart-health-card'] as const
export type LinkContentType = (typeof LINK_CONTENT_TYPES)[number]

/** Why a link gives nothing any more. */
export const LINK_END = { stopped: 1, expired: 2, wrongPasscodes: 3, giverLeft: 4 } as const
export type LinkEndName = keyof typeof LINK_END
export const linkEndName = (code: number): LinkEndName =>
  (Object.keys(LINK_END) as LinkEndName[]).find((name) => LINK_END[name] === code) ?? 'stopped'
