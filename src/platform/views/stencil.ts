/**
 * What differs from one answer to the next on a page that is else the same for everybody: an address, a name, a token.
 * A template prints it as any text; it may ask whether there is one, and nothing else of it. Never empty.
 */
export class Blank {
  readonly #text: string | (() => string)

  constructor(text: string | (() => string)) {
    this.#text = text
  }

  toString(): string {
    return typeof this.#text === 'string' ? this.#text : this.#text()
  }

  /** JSON in which each blank is a mark says which stencil fits a model, and is the model that it is cut from. */
  toJSON(): string {
    return marked ? `${marked.mark}${marked.blanks.push(this) - 1};` : this.toString()
  }
}

/** What a template prints. */
export type Printed = string | Blank

export function blank(text: string | (() => string)): Blank
export function blank(text: string | undefined): Blank | undefined
export function blank(text: string | (() => string) | undefined): Blank | undefined {
  return text === undefined ? undefined : new Blank(text)
}

/** The blanks that one model holds, in their order, while it is read. */
let marked: { readonly mark: string; readonly blanks: Blank[] } | undefined

/**
 * A page cut at its blanks: what stands between them, and the number of the blank after each. In bytes as they are sent: to
 * join and encode the text of a page anew for each answer costs more than all else of it.
 */
interface Stencil {
  readonly texts: readonly Buffer[]
  readonly numbers: readonly number[]
}

export interface StencilParts {
  /** Random: no text of a page holds it. */
  readonly mark: string
  /** How a page is made of a model without a stencil, and how it prints a text. */
  readonly render: (model: object) => string
  readonly print: (text: string) => string
  /** Of a page on which a template does more with a blank than print it. */
  readonly unfit: () => void
}

/** Stencils of one template in one language at most; the oldest is cut anew. */
const most = 200

/**
 * Renders pages of one template by stencils: for models that differ in nothing but their blanks the template runs once.
 * Everything else of a model is kept in memory, so it must be nothing personal. The first page of each stencil is compared
 * with the one that the template itself makes; where they differ the template goes on making it.
 */
export function makeStencils({ mark, render, print, unfit }: StencilParts): (model: object) => Buffer {
  const cut = new Map<string, Stencil | undefined>()
  const places = new RegExp(`${mark}(\\d+);`)
  const cutFrom = (kind: string): Stencil => {
    const pieces = render(JSON.parse(kind) as object).split(places)
    return {
      texts: pieces.filter((_, place) => place % 2 === 0).map((text) => Buffer.from(text)),
      numbers: pieces.filter((_, place) => place % 2 === 1).map(Number),
    }
  }
  return (model) => {
    const blanks: Blank[] = []
    const kind = read(model, { mark, blanks })
    const known = cut.get(kind)
    if (known) return fill(known, blanks, print)
    const page = Buffer.from(render(model))
    if (cut.has(kind)) return page
    const stencil = cutFrom(kind)
    const fits = fill(stencil, blanks, print).equals(page)
    if (!fits) unfit()
    const [oldest] = cut.keys()
    if (cut.size >= most && oldest !== undefined) cut.delete(oldest)
    cut.set(kind, fits ? stencil : undefined)
    return page
  }
}

function read(model: object, into: NonNullable<typeof marked>): string {
  marked = into
  try {
    return JSON.stringify(model)
  } finally {
    marked = undefined
  }
}

function fill({ texts, numbers }: Stencil, blanks: readonly Blank[], print: StencilParts['print']): Buffer {
  const printed = numbers.map((number) => print(String(blanks[number])))
  let length = 0
  for (const text of texts) length += text.length
  for (const text of printed) length += Buffer.byteLength(text)
  const page = Buffer.allocUnsafe(length)
  let end = 0
  for (let place = 0; place < texts.length; place++) {
    page.set(texts[place]!, end)
    end += texts[place]!.length
    if (place < printed.length) end += page.write(printed[place]!, end)
  }
  return page
}
