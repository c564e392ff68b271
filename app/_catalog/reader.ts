import { loadCatalog, signCatalog } from './load.ts';
import { type Catalog, describeServices } from './service-record.ts';

/** Pages ask every two seconds, files change a few times a day. */
const lookAgainMs = 5_000;

/** A catalogue that is read again after its files have changed; looks at most every five seconds whether they have. */
export function createCatalogReader(globs: readonly string[], clock: () => number): () => Promise<Catalog> {
  let catalog: Promise<Catalog> | null = null;
  let signature = '';
  let files: string[] = [];
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const refresh = async (previous: Promise<Catalog> | null): Promise<Catalog> => {
    const now = await signCatalog(globs, files);
    if (previous !== null && now === signature) return previous;
    const loaded = await loadCatalog(globs);
    files = loaded.files;
    signature = await signCatalog(globs, files);
    return describeServices(loaded);
  };
  return () => {
    if (catalog === null || clock() - lookedAtMs >= lookAgainMs) {
      lookedAtMs = clock();
      const previous = catalog;
      catalog = refresh(previous).catch((error: unknown) => {
        catalog = previous;
        throw error;
      });
    }
    return catalog;
  };
}
