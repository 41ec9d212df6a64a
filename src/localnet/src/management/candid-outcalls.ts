import { IDL } from '@dfinity/candid'
import type { Principal } from '@dfinity/principal'
import type { HttpHeader } from '../contracts.ts'
import { Bytes, type Opt } from './candid-parts.ts'

const Header = IDL.Record({ name: IDL.Text, value: IDL.Text })
const HttpResponse = IDL.Record({ status: IDL.Nat, headers: IDL.Vec(Header), body: Bytes })
const TransformArgument = IDL.Record({ response: HttpResponse, context: Bytes })

const HttpRequest = IDL.Record({
  url: IDL.Text,
  max_response_bytes: IDL.Opt(IDL.Nat64),
  method: IDL.Variant({
    get: IDL.Null,
    head: IDL.Null,
    post: IDL.Null,
    put: IDL.Null,
    delete: IDL.Null,
    patch: IDL.Null,
  }),
  headers: IDL.Vec(Header),
  body: IDL.Opt(Bytes),
  transform: IDL.Opt(
    IDL.Record({ function: IDL.Func([TransformArgument], [HttpResponse], ['query']), context: Bytes }),
  ),
  is_replicated: IDL.Opt(IDL.Bool),
})
export interface HttpRequestArgs {
  readonly url: string
  readonly max_response_bytes: Opt<bigint>
  /** One key, lower case. */
  readonly method: Readonly<Record<string, null>>
  readonly headers: readonly HttpHeader[]
  readonly body: Opt<Uint8Array>
  readonly transform: Opt<{
    readonly function: readonly [Principal, string]
    readonly context: Uint8Array
  }>
  readonly is_replicated: Opt<boolean>
}

export const OUTCALL_ARGUMENTS = { HttpRequest } as const
export const OUTCALL_RESULTS = { HttpResponse, TransformArgument } as const
