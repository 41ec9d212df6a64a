export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <path fill="currentColor" d="M16 1.5 28 6v9.5c0 7.2-5 12.6-12 15-7-2.4-12-7.8-12-15V6z" />
      <path className="mg-logo-cross" d="M13.5 8.5h5v5h5v5h-5v5h-5v-5h-5v-5h5z" />
    </svg>
  )
}
