import { expect, test } from 'vitest'

import { serviceMethods } from './did.ts'

test('reads methods and kinds past comments, records, init arguments and quoted names', () => {
  const did = `
    // service : { not_this : () -> () }
    type Consent = record { service : text; query : nat };
    type Refusal = variant { "Not; patient"; Other : record { limit : nat64 } };
    service : (opt record { init : text }) -> {
      /* several
         lines; } */
      grant : (record { a : variant { x; y } }) -> (variant { Ok : nat64; Err : Refusal });
      "read me" : () -> (vec Consent) query;
      all : () -> () composite_query
    }`
  expect(serviceMethods(did)).toEqual([
    { name: 'grant', kind: 'update' },
    { name: 'read me', kind: 'query' },
    { name: 'all', kind: 'composite_query' },
  ])
})

test('reads an empty service and refuses a text without one', () => {
  expect(serviceMethods('service : {}')).toEqual([])
  expect(() => serviceMethods('type T = text')).toThrow(SyntaxError)
  expect(() => serviceMethods('service : { a : () -> ()')).toThrow('not closed')
})
