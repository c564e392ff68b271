import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one lane. Memory in KiB. */
const cost = { m: 19_456, t: 2, p: 1 };
const keyBytes = 32;

/** RFC 9106's version of the function, as the PHC string format writes it. */
const version = 'v=19';

/** A hash with its own salt and parameters, in the PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$key`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `$argon2id$${version}$m=${cost.m},t=${cost.t},p=${cost.p}$${encode(salt)}$${encode(key)}`;
}

/**
 * Whether a password is the one that was hashed. Takes as long when there is no hash, so that an answer's time does not
 * tell which addresses have an account.
 */
export async function checkPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, scheme, , parameters = '', salt = '', key = ''] = (stored ?? '').split('$');
  if (scheme !== 'argon2id') {
    await derive(password, Buffer.alloc(16), cost);
    return false;
  }
  const [m = 0, t = 0, p = 0] = parameters.split(',').map((pair) => Number(pair.slice(2)));
  const expected = Buffer.from(key, 'base64');
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), { m, t, p }), expected);
}

/** Base64 without padding, as the PHC string format has it. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function derive(password: string, salt: Buffer, { m, t, p }: typeof cost): Promise<Buffer> {
  // NFKC: the same characters typed on another keyboard are the same password (RFC 8265).
  const message = password.normalize('NFKC');
  const parameters = { message, nonce: salt, memory: m, passes: t, parallelism: p, tagLength: keyBytes };
  return new Promise((resolve, reject) =>
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
