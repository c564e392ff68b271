/** The sender's bytes are not what they claim to be; the message is for the sender to read. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}
