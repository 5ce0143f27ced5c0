import nunjucks, { type LoaderSource } from 'nunjucks'

/** What nunjucks' compiler makes of a template: its functions, bound to no environment. */
type Compiled = Readonly<Record<string, unknown>>

/** The part of nunjucks that its types leave out. */
interface Compiler {
  compile(source: string, asyncFilters: [], extensions: [], name: string, options: object): string
}
const { compiler } = nunjucks as unknown as { compiler: Compiler }

export const viewOptions = { autoescape: true, trimBlocks: true, lstripBlocks: true }

const compiled = new Map<string, Compiled>()

/**
 * Reads templates as nunjucks' own loader does, but compiles each file once in the life of the process: for both
 * languages, and for every server that a test builds.
 */
export class ViewLoader extends nunjucks.FileSystemLoader {
  override getSource(name: string): LoaderSource {
    const found = super.getSource(name) as LoaderSource | null
    if (!found) throw new Error(`no template '${name}'`)
    const known = compiled.get(found.path) ?? compile(found)
    compiled.set(found.path, known)
    return { ...found, src: { type: 'code', obj: known } as unknown as string }
  }
}

function compile({ src, path }: LoaderSource): Compiled {
  const program = compiler.compile(src, [], [], path, viewOptions)
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as nunjucks itself does with what it compiled
  return (new Function(program) as () => Compiled)()
}
