// Preloaded into every process that the supervisor starts: when the supervisor is gone (killed with -9, so that it
// could not stop anyone), the process stops by itself as if told to, and is ended if it does not manage in time.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 8_000).unref();
  process.kill(process.pid, 'SIGTERM');
}, 500);
watch.unref();
