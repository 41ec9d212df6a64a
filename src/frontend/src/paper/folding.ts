// Letters as they can be compared: papers are read with mistakes, and written in several ways.

/** Digits of other scripts as those of ours, dashes and spaces as plain ones; what invisible marks say is left out. */
export const plainText = (text: string): string =>
  text
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replaceAll(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replaceAll(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replaceAll(/[‐-―−]/g, '-')
    .replaceAll('٫', '.')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** Without accents, capitals and whatever is no letter or digit; what is often taken for one another is the same: `HbAlc` and `HbA1c`. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll(/[1|i]/g, 'l')
    .replaceAll('0', 'o')

/** Units in their many ways: `µ` is written in three, powers in four, and `mcg` is a microgram. */
export const foldedUnit = (unit: string): string =>
  unit
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll('mcg', 'ug')
    .replaceAll(/^[x×]\s*(?=10)/g, '')
    .replaceAll(/[\s*^·[\]{}_]/g, '')
    .replaceAll('²', '2')
    .replaceAll('⁹', '9')
    .replaceAll(/[|i1](?=$|u|\/)/g, 'l')
