/** One thing that is to be said of a resource, as FHIR R4's `OperationOutcome.issue` has it. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information'
  readonly code: 'structure' | 'required' | 'value' | 'invariant' | 'code-invalid' | 'not-supported' | 'security'
  /** In words, for whoever wrote the resource. */
  readonly details: string
  /** Where, in FHIRPath. */
  readonly expression: string
}

export const hasErrors = (issues: readonly Issue[]): boolean => issues.some(({ severity }) => severity === 'error')

/** The answer that a server gives (R4, operationoutcome.html): it has at least one issue. */
export const outcomeOf = (issues: readonly Issue[]) => ({
  resourceType: 'OperationOutcome' as const,
  issue:
    issues.length === 0
      ? [{ severity: 'information', code: 'informational', details: { text: 'valid' } }]
      : issues.map(({ severity, code, details, expression }) => ({
          severity,
          code,
          details: { text: details },
          expression: [expression],
        })),
})
