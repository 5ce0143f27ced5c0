import t from 'tap'
import { Blank, blank, makeStencils } from '../../src/platform/views/stencil.ts'

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Stencils of a template that is a function, which counts how often it ran. */
function counted(template: (model: Record<string, unknown>) => string) {
  const seen = { renders: 0, unfit: 0 }
  const filled = makeStencils({
    mark: 'mark-of-this-test',
    print: escaped,
    render: (model) => {
      seen.renders++
      return template(model as Record<string, unknown>)
    },
    unfit: () => seen.unfit++,
  })
  return { fill: (model: object) => filled(model).toString(), seen }
}

const print = (value: unknown) => escaped(String(value))
const greeting = ({ name, hint, polite }: Record<string, unknown>) =>
  `<p>${polite ? 'Good morning' : 'Hi'} ${print(name)}${hint === undefined ? '' : ` (${print(hint)})`}, ${print(name)}</p>`

t.test('pages that differ in their blanks only are made once', (t) => {
  const { fill, seen } = counted(greeting)
  t.equal(fill({ name: blank('Ana'), polite: true }), '<p>Good morning Ana, Ana</p>')
  const { renders } = seen
  t.equal(fill({ name: blank('Luis'), polite: true }), '<p>Good morning Luis, Luis</p>')
  t.equal(fill({ name: blank('A < B & C'), polite: true }), '<p>Good morning A &lt; B &amp; C, A &lt; B &amp; C</p>')
  t.same(seen, { renders, unfit: 0 })
  t.end()
})

t.test('whatever else differs makes another page: a word, a blank more, a blank less', (t) => {
  const { fill } = counted(greeting)
  fill({ name: blank('Ana'), polite: true })
  t.equal(fill({ name: blank('Ana'), polite: false }), '<p>Hi Ana, Ana</p>')
  t.equal(fill({ name: blank('Ana'), hint: blank('you'), polite: true }), '<p>Good morning Ana (you), Ana</p>')
  t.equal(fill({ name: blank('Ana'), hint: undefined, polite: true }), '<p>Good morning Ana, Ana</p>')
  t.equal(fill({ name: 'Eva', polite: true }), '<p>Good morning Eva, Eva</p>')
  t.end()
})

t.test('a blank within lists and objects is filled in where it stands', (t) => {
  const { fill, seen } = counted(({ list }) => (list as { href: unknown }[]).map(({ href }) => print(href)).join(' '))
  const page = (one: string, other: string) => fill({ list: [{ href: blank(one) }, { href: blank(other) }] })
  t.equal(page('/a', '/b'), '/a /b')
  const { renders } = seen
  t.equal(page('/c', '/d'), '/c /d')
  t.equal(seen.renders, renders)
  t.end()
})

t.test('a blank that is worked out when it is printed is not where nothing prints it', (t) => {
  let asked = 0
  const token = () => blank(() => `token ${++asked}`)
  const silent = counted(() => 'no form')
  silent.fill({ csrf: token() })
  silent.fill({ csrf: token() })
  t.equal(asked, 0)
  const { fill } = counted(({ csrf }) => print(csrf))
  fill({ csrf: token() })
  const before = asked
  t.equal(fill({ csrf: token() }), `token ${before + 1}`)
  t.end()
})

t.test('a template that does more with a blank than print it is told of, and goes on making its page', (t) => {
  const { fill, seen } = counted(({ name }) => `<p>${String(name).toUpperCase()}</p>`)
  t.equal(fill({ name: blank('Ana') }), '<p>ANA</p>')
  t.equal(fill({ name: blank('Luis') }), '<p>LUIS</p>')
  t.equal(seen.unfit, 1)
  t.end()
})

t.test('what a blank says cannot make another blank of itself', (t) => {
  const { fill } = counted(greeting)
  fill({ name: blank('Ana'), hint: blank('secret'), polite: true })
  const told = fill({ name: blank('mark-of-this-test1;'), hint: blank('secret'), polite: true })
  t.equal(told, '<p>Good morning mark-of-this-test1; (secret), mark-of-this-test1;</p>')
  t.end()
})

t.test('no more than two hundred stencils are kept', (t) => {
  const { fill, seen } = counted(({ kind, name }) => `${String(kind)} ${print(name)}`)
  for (let kind = 0; kind < 201; kind++) fill({ kind, name: blank('Ana') })
  const before = seen.renders
  fill({ kind: 200, name: blank('Luis') })
  t.equal(seen.renders, before, 'the newest is there')
  t.equal(fill({ kind: 0, name: blank('Luis') }), '0 Luis')
  t.ok(seen.renders > before, 'the oldest was cut anew')
  t.end()
})

t.test('a blank is what it says: as text, and as JSON', (t) => {
  t.equal(String(blank('a')), 'a')
  t.equal(JSON.stringify({ one: blank('a') }), '{"one":"a"}')
  t.equal(blank(undefined), undefined)
  t.ok(blank('a') instanceof Blank)
  t.end()
})
