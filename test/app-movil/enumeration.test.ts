import t from 'tap'
import { catalogue } from '../../src/sandbox/catalogue.ts'
import { apiScene } from './api-scene.ts'

/** One of each kind of document there is. */
const documents = {
  unknown: '11111111H',
  unregistered: '99999995C',
  minor: '99999993H',
  deceased: '99999992V',
  renounced: '99999990S',
  'an NIE’s owner is none of these': '99999988J',
  good: '99999999R',
}

/** Selects that are sent at the same time: which of them gets a connection first is chance. */
const atOnce = new Set(['citizen.by-document', 'known-browser.standing'])

t.test('a wrong contrast is answered alike, with the same work, whoever has the document', async (t) => {
  const s = await apiScene(t)
  t.ok(catalogue.some(({ document }) => document === documents.good))
  const answers: Record<string, unknown> = {}
  for (const [kind, document] of Object.entries(documents)) {
    s.trace.length = 0
    const { status, body, headers } = await s.open('POST', '/activation', { document, contrast: '01/02/2033' })
    const head = s.trace.filter((work) => atOnce.has(work)).toSorted()
    const rest = s.trace.filter((work) => !atOnce.has(work))
    const names = Object.keys(headers).toSorted()
    answers[kind] = { status, body, names, length: headers['content-length'], work: [...head, ...rest] }
  }
  const { good } = answers
  t.match(good, { status: 422, body: { type: 'urn:clave:refusal:CITIZEN-01-not-recognised' } })
  for (const [kind, answer] of Object.entries(answers)) t.same(answer, good, kind)
  t.equal(s.sent.length, 0)
})

t.test('an activation that nobody began is as dead as one that is over', async (t) => {
  const s = await apiScene(t)
  const one = await s.open('POST', '/activation/code', { activation: 'x'.repeat(43) })
  t.match(one, { status: 422, refused: 'CODE-02-dead' })
})
