import { organisationIdOf } from '@medguard/client'
import { IconBuildingHospital } from '@tabler/icons-react'
import { useLoadable, useServices } from '../app/context.ts'
import { Person } from '../app/elements.tsx'
import { useNameOf } from './use-names.ts'

/** Whom something is shared with: a person by their code, an organisation by its name. */
export const Grantee = ({ code }: { code: string }) =>
  organisationIdOf(code) === null ? <Person code={code} /> : <OrganisationName code={code} />

function OrganisationName({ code }: { code: string }) {
  useLoadable(useServices().recipients(code))
  return (
    <span className="mg-person">
      <IconBuildingHospital size={22} aria-hidden />
      <strong className="mg-break" title={code}>
        <bdi>{useNameOf(code)}</bdi>
      </strong>
    </span>
  )
}
