import { exclusiveAlgorithm, type Canonicalization } from './canonicalize.ts'

const prefix = '(?:[A-Za-z_][A-Za-z0-9_.-]*:)?'
const name = '[A-Za-z]+'
/** One at most, so that there is no order, and no declaration of a namespace, which begins with a small letter. */
const attribute = '[A-Z][A-Za-z]*="[ !#-%\'-;=?-~]*"'
/** ASCII without `&`, `<`, `>` and carriage return: nothing that is written otherwise than it is read. */
const text = "[\\t\\n -%'-;=?-~]*"
const plain = new RegExp(`^<(${prefix})SignedInfo>${text}(?:<(?:\\1${name}(?: ${attribute})?/?|/\\1${name})>${text})*$`)

/**
 * The canonical octets of the SignedInfo of these octets, where hardly anything has to be done for it, as with nearly every
 * signer: all of it stands under one prefix (or none), with at most one attribute a tag and nothing to escape. Exclusive XML
 * Canonicalization 1.0, 3, then leaves it as it stands, but declares the prefix at SignedInfo and closes an empty element by
 * a tag of its own. Undefined: anything else, which takes the library's canonicalisation and several times as long.
 * @param octets screened and well-formed: each `<` in them begins a tag.
 * @param of the prefix of the one that was parsed, and its namespace.
 */
export function plainSignedInfo(
  octets: Buffer,
  { algorithm, prefixes }: Canonicalization,
  of: { readonly prefix: string; readonly namespace: string },
): Buffer | undefined {
  if (algorithm !== exclusiveAlgorithm || prefixes.length > 0) return undefined
  const qualified = of.prefix === '' ? 'SignedInfo' : `${of.prefix}:SignedInfo`
  // As text, an octet a character: looking for something takes a tenth of the time that it takes in a buffer.
  const all = octets.toString('latin1')
  const start = all.indexOf(`<${qualified}`)
  // With a second one it would not be certain that this is the one that was parsed as the Signature's.
  if (start < 0 || all.includes(`<${qualified}`, start + 1)) return undefined
  const end = all.indexOf(`</${qualified}>`, start)
  const found = all.slice(start, end + qualified.length + 3)
  if (end < 0 || !plain.test(found)) return undefined
  const declaration = of.prefix === '' ? 'xmlns' : `xmlns:${of.prefix}`
  const written = `<${qualified} ${declaration}="${of.namespace}"${closed(found.slice(1 + qualified.length))}`
  return Buffer.from(written, 'latin1')
}

/** With an end tag for each element that had none; `>` stands nowhere but at the end of a tag. */
function closed(markup: string): string {
  let written = ''
  let from = 0
  for (let at = markup.indexOf('/>'); at >= 0; at = markup.indexOf('/>', from)) {
    const [qualified] = markup.slice(markup.lastIndexOf('<', at) + 1, at).split(' ', 1)
    written += `${markup.slice(from, at)}></${qualified}>`
    from = at + 2
  }
  return written + markup.slice(from)
}
