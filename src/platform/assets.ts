import { hash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { systemRandom } from './random.ts'

/** One file that browsers fetch, ready in every encoding. */
export interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly gzip: Buffer
  readonly brotli: Buffer
}

/** What browsers fetch beside the pages: the style sheet, the scripts, the pictures. Each name holds its content's hash. */
export interface Assets {
  /** The address of a file below src/, e.g. 'platform/views/scripts/page.ts'. Throws when there is none. */
  url(source: string): string
  /** By the last part of the address. */
  file(name: string): Asset | undefined
}

const src = join(import.meta.dirname, '..')
const root = join(src, '..')
const govuk = join(root, 'node_modules/govuk-frontend/dist')

const kinds = {
  '.scss': { type: 'text/css; charset=utf-8', extension: '.css' },
  '.ts': { type: 'text/javascript; charset=utf-8', extension: '.js' },
  '.svg': { type: 'image/svg+xml', extension: '.svg' },
  '.png': { type: 'image/png', extension: '.png' },
} as const

const sources = ['**/views/styles/main.scss', '**/scripts/*.ts', '**/views/images/*.{svg,png}']

let built: Assets | undefined

/** Built at the first call; what was built before from the same sources comes from the folder `.cache`. */
export const readAssets = (): Assets => (built ??= buildAssets(join(root, '.cache/assets')))

export function buildAssets(cache: string): Assets {
  const urls = new Map<string, string>()
  const files = new Map<string, Asset>()
  for (const source of sources.flatMap((pattern) => globSync(pattern, { cwd: src }))) {
    const { name, asset } = buildAsset(source, cache)
    urls.set(source, `/assets/${name}`)
    files.set(name, asset)
  }
  return {
    url(source) {
      const url = urls.get(source)
      if (!url) throw new Error(`no asset '${source}'`)
      return url
    },
    file: (name) => files.get(name),
  }
}

function buildAsset(source: string, cache: string): { name: string; asset: Asset } {
  const kind = kinds[extname(source) as keyof typeof kinds]
  const key = sourceHash(source)
  const plain = cached(join(cache, `${key}${kind.extension}`), () => transform(source))
  const asset = {
    type: kind.type,
    plain,
    gzip: cached(join(cache, `${key}.gz`), () => gzipSync(plain, { level: 9 })),
    brotli: cached(join(cache, `${key}.br`), () =>
      brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    ),
  }
  const stem = basename(source, extname(source))
  return { name: `${stem}-${hash('sha256', plain, 'hex').slice(0, 16)}${kind.extension}`, asset }
}

/** A style sheet and a script depend on their parts and on the libraries' versions as well. */
function sourceHash(source: string): string {
  const parts = [join(src, source), ...partsOf(extname(source))]
  const content = parts.map((part) => hash('sha256', readFileSync(part), 'hex'))
  return hash('sha256', [source, process.version, ...content].join('\n'), 'hex').slice(0, 32)
}

function partsOf(extension: string): readonly string[] {
  const below = (pattern: string) =>
    globSync(pattern, { cwd: src })
      .sort()
      .map((name) => join(src, name))
  const library = (name: string) => join(root, 'node_modules', name, 'package.json')
  if (extension === '.scss') return [...below('**/*.scss'), library('govuk-frontend'), library('sass')]
  return extension === '.ts' ? [...below('**/browser/**/*.ts'), library('esbuild'), library('jsqr')] : []
}

function transform(source: string): Buffer {
  const path = join(src, source)
  if (source.endsWith('.scss')) {
    // Loaded only when there is something to compile: it takes 200 ms and 40 MB.
    const { compile } = load('sass') as typeof import('sass')
    return Buffer.from(compile(path, { loadPaths: [govuk], style: 'compressed', quietDeps: true }).css)
  }
  if (source.endsWith('.ts')) return bundled(path)
  return readFileSync(path)
}

const load = createRequire(import.meta.url)

/** One file with all that it imports, for browsers of the last five years; `browser/` beside `scripts/` holds what several share. */
function bundled(path: string): Buffer {
  const { buildSync } = load('esbuild') as typeof import('esbuild')
  const options = { bundle: true, minify: true, format: 'esm', target: 'es2021', legalComments: 'none' } as const
  const { outputFiles } = buildSync({ entryPoints: [path], write: false, logLevel: 'silent', ...options })
  return Buffer.from(outputFiles[0]?.contents ?? '')
}

/**
 * A folder that cannot be written (a read-only container) costs the time again at the next start, nothing else. Under its
 * own name a file is there whole or not at all: other processes start at the same time, and one may be killed while it writes.
 */
function cached(path: string, make: () => Buffer): Buffer {
  try {
    return readFileSync(path)
  } catch {
    const made = make()
    const draft = `${path}.${systemRandom.token(6)}`
    try {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(draft, made)
      renameSync(draft, path)
    } catch {
      tryToRemove(draft)
    }
    return made
  }
}

function tryToRemove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was never there, or lies where nothing can be written.
  }
}
