/** The first and the last of some lines, both included. */
export interface Lines {
  readonly first: number
  readonly last: number
}

/** So many lines that nobody sees yet come into the page at a time, above and below. */
export const GROWS_BY = 3

/**
 * Which lines of a long list are in the page. What is in sight has to be there with the very next frame; after a jump that is all of it new, and the lines around
 * would make that frame take twice as long: they come a few at a time afterwards.
 *
 * @param sight lines that are in sight. @param around how many more there are to be on each side in the end. @param drawn those that are in the page now.
 */
export function linesToDraw(sight: Lines, around: number, count: number, drawn: Lines | null): Lines {
  const isNear = drawn !== null && drawn.first <= sight.last && drawn.last >= sight.first
  const { first, last } = isNear ? { first: drawn.first - GROWS_BY, last: drawn.last + GROWS_BY } : sight
  return {
    first: Math.max(0, sight.first - around, Math.min(sight.first, first)),
    last: Math.min(count - 1, sight.last + around, Math.max(sight.last, last)),
  }
}

/** Whether all that are to be there are. */
export const isAllDrawn = (sight: Lines, around: number, count: number, { first, last }: Lines): boolean =>
  first <= Math.max(0, sight.first - around) && last >= Math.min(count - 1, sight.last + around)
