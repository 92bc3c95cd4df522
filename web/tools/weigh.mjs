// node tools/weigh.mjs [DIST]
//
// Prints what the page weighs and fails when JavaScript and CSS outgrow their budget.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const budgetBytes = 60 * 1024;
const dist = process.argv[2] ?? 'dist';

let total = 0;
for (const entry of readdirSync(dist, { recursive: true })) {
  if (!/\.(js|css)$/.test(entry)) continue;
  const raw = readFileSync(join(dist, entry));
  const gzip = gzipSync(raw, { level: 9 }).length;
  total += gzip;
  console.log(`${entry}: ${kib(raw.length)}, ${kib(gzip)} compressed`);
}
console.log(`page weight: ${kib(total)} of ${kib(budgetBytes)}`);
if (total > budgetBytes) {
  console.error('The page has grown too heavy for flash: take something out.');
  process.exit(1);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
