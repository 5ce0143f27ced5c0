/**
 * A page that waits for the phone: learns of its answer by a stream, or, where that fails, by asking again and again, and
 * goes on by itself. Its buttons do the same without it.
 */
interface News {
  readonly moved?: true
  readonly standing?: string
  readonly decided?: boolean
  /** Left. */
  readonly seconds?: number
  readonly qr?: string
  readonly href?: string
  readonly renewsIn?: number
}

/** Milliseconds between questions while there is no stream. */
const askEvery = 3_000

const found = document.querySelector<HTMLElement>('.clave-wait')
if (found) waitFor(found)

function waitFor(section: HTMLElement): void {
  const words = section.dataset
  const part = (name: string) => document.querySelector<HTMLElement>(`[data-part="${name}"]`)
  const form = document.getElementById(words['form'] ?? '') as HTMLFormElement | null
  let ends = performance.now() + Number(words['seconds']) * 1000
  let standing = words['standing'] ?? 'waiting'
  let left = false

  const say = (name: string, text: string) => {
    const element = part(name)
    if (element && element.textContent !== text) element.textContent = text
  }
  const goOn = () => {
    if (left) return
    left = true
    stream?.close()
    say('status', words['decided'] ?? '')
    form?.requestSubmit()
  }
  const take = (news: News) => {
    if (left) return
    if (news.moved) return location.reload()
    if (news.standing !== undefined) standing = news.standing
    if (news.seconds !== undefined) ends = performance.now() + news.seconds * 1000
    if (news.decided) return goOn()
    if (news.qr !== undefined) part('qr')?.setAttribute('src', news.qr)
    if (news.href !== undefined) part('here')?.setAttribute('href', news.href)
    if (news.renewsIn !== undefined) renewAfter(news.renewsIn)
    tick()
  }
  const ask = async () => {
    try {
      const answer = await fetch(words['news'] ?? '', { headers: { accept: 'application/json' } })
      if (answer.ok) take((await answer.json()) as News)
      // The login is over, or another browser's: its own page says so.
      else if (answer.status < 500) location.reload()
    } catch {
      // No connection: asked again.
    }
  }
  let renewing: ReturnType<typeof setTimeout> | undefined
  const renewAfter = (seconds: number) => {
    clearTimeout(renewing)
    renewing = setTimeout(() => void ask(), seconds * 1000 + 250)
  }
  let asking: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - performance.now()) / 1000))
    const over = seconds === 0
    document.body.classList.toggle('clave-wait-over', over)
    document.body.classList.toggle('clave-wait-scanned', standing === 'scanned')
    say('status', (over ? words['over'] : standing === 'scanned' ? words['scanned'] : words['waiting']) ?? '')
    say('left', over ? '' : timeIn(words['left'] ?? '', seconds))
    if (over) clearTimeout(renewing)
    if (performance.now() >= offered) showOffer()
  }
  const offered = performance.now() + Number(words['pinAfter']) * 1000
  const showOffer = () => {
    part('offer')?.removeAttribute('hidden')
    part('before-offer')?.setAttribute('hidden', '')
  }
  const stream = 'EventSource' in window ? new EventSource(words['events'] ?? '') : undefined
  stream?.addEventListener('news', (event) => take(JSON.parse((event as MessageEvent<string>).data) as News))
  stream?.addEventListener('open', () => {
    clearInterval(asking)
    asking = undefined
  })
  // It opens again by itself, at another server; until then, or where there can be none, the page asks.
  stream?.addEventListener('error', () => (asking ??= setInterval(() => void ask(), askEvery)))
  if (!stream) asking = setInterval(() => void ask(), askEvery)
  form?.addEventListener('submit', () => (left = true))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && !left) void ask()
  })
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })
  if (words['renewsIn']) renewAfter(Number(words['renewsIn']))
  setInterval(tick, 1000)
  tick()
}

function timeIn(words: string, seconds: number): string {
  const rest = String(seconds % 60).padStart(2, '0')
  return words.replace('##', rest).replace('#', String(Math.floor(seconds / 60)))
}
