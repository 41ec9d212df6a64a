import { IDL, bool, blob, opt, query, record, type Schema, text, update, vec } from './candid.ts'
import { HTTP_ARG_BYTES_MAX } from './limits.ts'

// What a gateway asks a canister on behalf of whoever speaks plain HTTP (HTTP gateway protocol specification, "Canister HTTP Interface").

const nat16: Schema<number> = { idl: IDL.Nat16, did: 'nat16', uses: [] }
const HeaderField: Schema<[string, string]> = {
  idl: IDL.Tuple(IDL.Text, IDL.Text),
  did: 'record { text; text }',
  uses: [],
}
const HttpRequest = record({ method: text, url: text, headers: vec(HeaderField), body: blob })
const HttpResponse = record({ status_code: nat16, headers: vec(HeaderField), body: blob, upgrade: opt(bool) })

/** Beside a canister's own methods. They answer no `Refusal`: who asks speaks HTTP. */
export const httpService = {
  http_request: query(HttpRequest, HttpResponse, HTTP_ARG_BYTES_MAX),
  http_request_update: update(HttpRequest, HttpResponse, HTTP_ARG_BYTES_MAX),
} as const
export type HttpService = typeof httpService
