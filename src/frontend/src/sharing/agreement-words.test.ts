import { agreementText, type Right } from '@medguard/protocol'
import { expect, test } from 'vitest'
import { t } from '../words/language.ts'
import { agreedSentences } from './agreement-words.ts'

const RIGHTS: readonly Right[] = ['list', 'open', 'write', 'rewrap']
const SUBSETS = Array.from({ length: 2 ** RIGHTS.length }, (_, bits) => RIGHTS.filter((_, i) => (bits >> i) % 2 === 1))

test.each(SUBSETS.map((rights) => [rights]))('with %j the page says what the stored text says', (rights) => {
  const text = agreementText({ grantee: 'x', scope: ['labs'], rights, purpose: 'TREAT', startsAt: 'a', endsAt: 'b' })
  const [, stored = ''] = text.split('until: b\n')
  expect(
    agreedSentences(rights)
      .map((sentence) => t(sentence))
      .join(' '),
  ).toBe(stored.trim().replaceAll('\n', ' '))
})
