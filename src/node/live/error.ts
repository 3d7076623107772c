/** Why capturing could not begin or broke off: one clear line, with the command that mends it where there is one. */
export type LiveErrorCode =
  | 'no-program'
  | 'no-device'
  | 'no-permission'
  | 'bad-filter'
  | 'bad-user'
  | 'capture-failed'
  | 'write-failed';

export class LiveError extends Error {
  override readonly name = 'LiveError';
  readonly code: LiveErrorCode;

  constructor(code: LiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
