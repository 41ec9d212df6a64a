/** A request that is answered with a plain text and an HTTP status instead of CBOR. The message goes to the sender. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 500 | 502 | 503
  constructor(status: HttpProblem['status'], message: string) {
    super(message)
    this.status = status
  }
}
