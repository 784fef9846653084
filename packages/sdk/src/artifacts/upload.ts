import type { HttpClient } from '../http/client.ts';
import type { TransferOptions, TransferredFile } from '../model/artifact.ts';
import { measured, type Source } from './content.ts';
import type { RemoteFile } from './download.ts';

/** Sends a file; what is there under its path is replaced. */
export async function uploadSource(
  http: HttpClient,
  file: RemoteFile,
  source: Source,
  { onProgress, ...options }: TransferOptions = {},
): Promise<TransferredFile> {
  const { path, endpoint } = file;
  const size = source.size ?? null;
  const { open, summary } = measured(source);
  let transferred = 0;
  const request = {
    path: endpoint,
    ...(source.size !== undefined && { size: source.size }),
    open,
    isRepeatable: source.isRepeatable,
    onBytes: (count: number) => {
      transferred += count;
      onProgress?.({ path, transferred, size });
    },
  };
  await http.upload(request, options);
  const sent = summary();
  onProgress?.({ path, transferred: sent.size, size: sent.size });
  return { path, ...sent };
}
