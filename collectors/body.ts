import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Refusal } from './refusal.ts';

const decompress = promisify(gunzip);

/**
 * Reads a request's body, decompressed.
 * @param maxBytes limit of the body, both as it is sent and as it is after decompression
 * @throws Refusal too_large, content_encoding, malformed (broken gzip) or aborted
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new Refusal('content_encoding', `content-encoding ${JSON.stringify(encoding)}: expected gzip or none`);
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const sent = await collect(request, maxBytes);
  return encoding === 'gzip' ? inflate(sent, maxBytes) : sent;
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    'too_large',
    `the body is larger than ${maxBytes} bytes (after decompression): send smaller batches`,
  );
}

function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', () => reject(new Refusal('aborted', 'the sender broke off')));
    request.once('close', () => reject(new Refusal('aborted', 'the sender broke off')));
  });
}

async function inflate(sent: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await decompress(sent, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new Refusal('malformed', `not gzip: ${error instanceof Error ? error.message : String(error)}`);
  }
}
