/** One thing that the service cannot do without. */
export interface HealthCheck {
  readonly name: string
  /** Answers nothing when all is well, else what is wrong in a few words; may throw. The words are public: no addresses, no secrets. */
  readonly check: () => Promise<string | undefined | void>
}

export interface CheckState {
  readonly name: string
  readonly ok: boolean
  readonly latency_ms: number
  readonly detail?: string
}

export interface Readiness {
  readonly status: 'ready' | 'down' | 'stopping'
  readonly checks: readonly CheckState[]
}

export interface Health {
  /** Asks every check at once, each within its time. Callers at the same time share one answer. */
  ready(): Promise<Readiness>
  /** From now on not ready: the process is about to end. */
  stop(): void
}

export interface HealthOptions {
  readonly checks: readonly HealthCheck[]
  /** Milliseconds that a check may take. */
  readonly timeLimit?: number
}

export function makeHealth({ checks, timeLimit = 2_000 }: HealthOptions): Health {
  let stopping = false
  let running: Promise<CheckState[]> | undefined
  const ask = () =>
    Promise.all(checks.map((check) => stateOf(check, timeLimit))).finally(() => {
      running = undefined
    })
  return {
    async ready() {
      const states = await (running ??= ask())
      const status = stopping ? 'stopping' : states.every(({ ok }) => ok) ? 'ready' : 'down'
      return { status, checks: states }
    },
    stop() {
      stopping = true
    },
  }
}

async function stateOf({ name, check }: HealthCheck, timeLimit: number): Promise<CheckState> {
  const began = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeLimit} ms`), timeLimit)
  })
  const detail = await Promise.race([check().catch(codeOf), late]).finally(() => clearTimeout(timer))
  const latency_ms = Math.round((performance.now() - began) * 10) / 10
  return detail === undefined ? { name, ok: true, latency_ms } : { name, ok: false, latency_ms, detail }
}

/** An error's message may name hosts or quote values; its code or name says enough. */
function codeOf(thrown: unknown): string {
  const { code, name } = thrown as { readonly code?: unknown; readonly name?: unknown }
  const word = [code, name].find((one) => typeof one === 'string' && /^\w{1,40}$/.test(one))
  return typeof word === 'string' ? word : 'failed'
}
