// node tools/embed.mjs DIST OUT.S OUT.cpp
//
// Turns the built page into two sources: the bytes, each file plain and compressed, and the table
// that assets.hpp promises.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { compress } from './compress.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
};

const [distArgument, assemblyPath, tablePath] = process.argv.slice(2);
const dist = resolve(distArgument);
const names = readdirSync(dist, { recursive: true })
  .filter((name) => statSync(join(dist, name)).isFile() && !name.endsWith('.gz'))
  .sort();

let assembly = '  .section .rodata, "a"\n';
let declarations = '';
let rows = '';
names.forEach((name, index) => {
  const path = join(dist, name);
  const type = types[extname(name)];
  if (!type) throw new Error(`${name}: add its content type to tools/embed.mjs`);
  const raw = readFileSync(path);
  const gzip = compress(path);
  const pays = gzip.length < raw.length * 0.9;
  const hash = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  const immutable = /^assets\/.*-[\w-]{8}\.\w+$/.test(name);
  embed(`espial_asset_${index}`, path);
  if (pays) {
    writeFileSync(`${path}.gz`, gzip);
    embed(`espial_asset_${index}_gzip`, `${path}.gz`);
  }
  const zipped = pays ? view(`espial_asset_${index}_gzip`) : '{}';
  rows += `    {"/${name}", "${type}", "${hash}", ${immutable},\n     ${view(`espial_asset_${index}`)},\n     ${zipped}},\n`;
});
assembly += '  .section .note.GNU-stack, "", %progbits\n';

writeFileSync(assemblyPath, assembly);
writeFileSync(
  tablePath,
  `// Made by web/tools/embed.mjs.
#include "web/assets.hpp"

#include <cstddef>

extern "C" {
${declarations}}

namespace espial::web {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const Asset* find_asset(std::string_view path) {
  static const Asset kAssets[] = {
${rows}  };
  for (const Asset& asset : kAssets) {
    if (asset.path == path) return &asset;
  }
  return nullptr;
}

}  // namespace espial::web
`,
);

function embed(symbol, path) {
  assembly += `  .global ${symbol}, ${symbol}_end\n  .hidden ${symbol}, ${symbol}_end\n${symbol}:\n`;
  assembly += `  .incbin "${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n${symbol}_end:\n`;
  declarations += `extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n`;
}

function view(symbol) {
  return `between(${symbol}, ${symbol}_end)`;
}
