/**
 * A client of the shoppers' control: `flash-sale` for a number of seconds, or back to `normal`.
 * @throws Error when the shoppers refuse or do not answer
 */
export function createLoadControl(
  shoppersUrl: string,
): (mode: 'normal' | 'flash-sale', forSeconds?: number) => Promise<void> {
  return async (mode, forSeconds) => {
    const response = await fetch(`${shoppersUrl.replace(/\/$/, '')}/load`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mode, ...(forSeconds === undefined ? {} : { forSeconds }) }),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok)
      throw new Error(`the shoppers refused: ${response.status} ${(await response.text()).slice(0, 200)}`);
  };
}
