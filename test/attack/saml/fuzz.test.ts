import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { isRefusal } from '../../../src/refusal/index.ts'
import { redirectQuery } from '../../support/saml-signer.ts'
import { seededRandom, type SeededRandom } from '../../support/seeded-random.ts'
import { kinds, makeGenuine, post, signatureOf, type Attempt } from './attack.ts'
import { receive } from './corpus.ts'

const seed = 20_261_121
const mutationsEach = 5_000
const now = new Date()
const genuine = makeGenuine(now)

type Mutate = (text: string, random: SeededRandom) => string
const cut = (text: string, from: number, length: number, inside: string) =>
  text.slice(0, from) + inside + text.slice(from + length)

const pieces = [
  '<',
  '>',
  '/>',
  '"',
  "'",
  '&',
  '&#13;',
  '&#x41;',
  '<!-- -->',
  ' ',
  '\n',
  '\r\n',
  '\0',
  '\ufeff',
  '&#xFEFF;',
  'ñ',
  '𝒳',
  'A',
  '0',
  '=',
  ':',
  'xmlns:x="urn:x"',
  ' ID="_r1"',
  '<x xmlns="urn:x"/>',
  '<?x?>',
  ']]>',
]
const tokens = /<[^<>]*>|[^<>]+/g

const xmlMutations: readonly Mutate[] = [
  (text, random) => cut(text, random.below(text.length), 1, random.pick(pieces)),
  (text, random) => cut(text, random.below(text.length), 0, random.pick(pieces)),
  (text, random) => cut(text, random.below(text.length), 1 + random.below(40), ''),
  (text, random) => {
    const from = random.below(text.length)
    return cut(text, random.below(text.length), 0, text.slice(from, from + random.below(400)))
  },
  // Whole tags and texts: taken away, doubled, exchanged.
  (text, random) => withTokens(text, (all) => all.splice(random.below(all.length), 1)),
  (text, random) => withTokens(text, (all) => all.splice(random.below(all.length), 0, random.pick(all))),
  (text, random) =>
    withTokens(text, (all) => {
      const [one, two] = [random.below(all.length), random.below(all.length)]
      ;[all[one], all[two]] = [all[two]!, all[one]!]
    }),
  // A whole element elsewhere.
  (text, random) => {
    const element = random.pick([signatureOf(text), /<ds:SignedInfo[^]*<\/ds:SignedInfo>/.exec(text)?.[0] ?? '', text])
    const ends = [...text.matchAll(/>/g)].map(({ index }) => index + 1)
    return cut(text, random.pick(ends), 0, element)
  },
  (text, random) => text.replaceAll(random.pick(['"', 'ds:', 'saml2p:', '://', ' ']), random.pick(pieces)),
]

function withTokens(text: string, change: (all: string[]) => unknown): string {
  const all = text.match(tokens) ?? []
  change(all)
  return all.join('')
}

/** How many of the mutations yielded a value; each has to be the signed one. */
function fuzz(random: SeededRandom, mutations: readonly Mutate[], text: string, attempt: (text: string) => Attempt) {
  const original = receive(attempt(text), genuine, now)
  const differing: string[] = []
  let same = 0
  for (let count = 0; count < mutationsEach; count++) {
    let mutated = text
    try {
      for (let times = 0; times <= random.below(3); times++) mutated = random.pick(mutations)(mutated, random)
    } catch {
      // What the first mutation broke may be no place for a second.
    }
    const answer = receive(attempt(mutated), genuine, now)
    if (isRefusal(answer)) continue
    if (isDeepStrictEqual(answer, original)) same++
    else differing.push(mutated)
  }
  return { original, same, differing }
}

for (const kind of kinds)
  t.test(`no mutation of a signed ${kind} yields a value that was not signed (seed ${seed})`, async (t) => {
    const { original, same, differing } = fuzz(seededRandom(seed), xmlMutations, genuine.signed[kind], post)
    t.notOk(isRefusal(original))
    t.strictSame(differing, [])
    t.comment(`${same} of ${mutationsEach} mutations left the signed value as it was`)
    t.ok(same < mutationsEach / 2, 'most are refused')
  })

t.test(`no mutation of a signed redirect yields a value that was not signed (seed ${seed})`, async (t) => {
  const query = redirectQuery(genuine.bare.AuthnRequest, { key: genuine.pair.key, relayState: 'state' })
  const names = ['&', '=', '%', '%41', '+', 'SAMLRequest=', '&SAMLRequest=x', '&RelayState=x', '&Signature=', 'A', '0']
  const mutations: readonly Mutate[] = [
    (text, random) => cut(text, random.below(text.length), 1, random.pick(names)),
    (text, random) => cut(text, random.below(text.length), 0, random.pick(names)),
    (text, random) => cut(text, random.below(text.length), 1 + random.below(40), ''),
    (text, random) =>
      text
        .split('&')
        .toSorted(() => random.below(3) - 1)
        .join('&'),
    (text, random) => `${text}&${random.pick(text.split('&'))}`,
  ]
  const { original, differing } = fuzz(seededRandom(seed), mutations, query, (redirect) => ({ redirect }))
  t.notOk(isRefusal(original))
  t.strictSame(differing, [])
})
