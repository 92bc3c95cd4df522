// How the page's files are compressed: once, when it is built, as small as gzip's format allows.
import { execFileSync } from 'node:child_process';

/// The file at `path`, compressed with Zopfli: some 4 % smaller than by zlib at its best, which is a
/// page's worth of text. Throws where the program zopfli is missing.
export function compress(path) {
  return execFileSync('zopfli', ['-c', path], { maxBuffer: 16 * 1024 * 1024 });
}
