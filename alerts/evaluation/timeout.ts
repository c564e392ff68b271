/** Fails when `promise` takes longer than `timeoutMs`; what it does afterwards is ignored. */
export async function withTimeout<Result>(
  promise: Promise<Result>,
  timeoutMs: number,
  reason: string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${reason} (${timeoutMs} ms)`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
