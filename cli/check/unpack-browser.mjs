// Run as a process of its own by browser.ts: the package decides by its environment, as it is imported, what to unpack
// and where, and changes that environment.
const { default: chromium } = await import('@sparticuz/chromium');
await chromium.executablePath();
