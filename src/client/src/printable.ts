/** Control and format characters, separators and lone surrogates; not the two joiners, which whole scripts need. */
const MISLEADING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

/**
 * Text of other people and machines, made safe to show: on a terminal such characters are commands, and anywhere they can make a title or the
 * ending of a file name read as another one. Each becomes U+FFFD, so that the attempt shows.
 */
export function printable(text: string, keep: '' | '\n' | '\n\t' = ''): string {
  return text.replaceAll(MISLEADING, (char) => (keep.includes(char) ? char : '\uFFFD'))
}
