/** Resolves once the condition holds. What never comes is ended by tap's own time-out of the file. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2))
}
