/** One domain in the editor: its hosts, its people, where letters go on, its lists; everything can be changed and removed. */
import { type ReactNode, useState } from 'react';
import { domainOf } from '../../shared/address.ts';
import { SERVICES } from '../../shared/protocols.ts';
import {
  type EditableUser,
  type EditableWorld,
  type Edited,
  removeDomain,
  removeHost,
} from '../../shared/world/edit.ts';
import { removeUser } from '../../shared/world/people.ts';
import type { Domain, Host } from '../../shared/world/world.ts';
import { CrossIcon } from '../design/icons.tsx';
import { change } from '../session/keeper.ts';
import {
  addressesIn,
  aliasEdited,
  aliasRemoved,
  domainEdited,
  hostEdited,
  listEdited,
  listRemoved,
  userEdited,
} from './edits.ts';
import { Choice, Field } from './Field.tsx';

/** Removes at once, as it can be undone; says why where it cannot be. */
function Remove({ what, edit }: { readonly what: string; readonly edit: () => Edited }): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <>
      <button
        type="button"
        className="world-remove"
        aria-label={`Remove ${what}`}
        title={`Remove ${what}; can be undone`}
        onClick={() => void change(edit()).then(setProblem)}
      >
        <CrossIcon size={14} />
      </button>
      {problem !== null && (
        <p className="said-bad" role="alert">
          ✕ {problem}
        </p>
      )}
    </>
  );
}

const STYLES = [
  { value: 'lock-step', label: 'One command at a time' },
  { value: 'pipelined', label: 'Pipelined' },
  { value: 'chunked', label: 'Chunked (BDAT)' },
] as const;

export function HostRow({ world, host }: { readonly world: EditableWorld; readonly host: Host }): ReactNode {
  const services = host.services.map(service => `${SERVICES[service].name} ${SERVICES[service].port}`).join(', ');
  const sends = host.kind === 'client' || host.services.some(service => SERVICES[service].protocol === 'smtp');
  return (
    <li className="world-row">
      <Field
        label={host.id}
        value={host.label}
        edit={label => hostEdited(world, host, { label })}
        hint={`${host.addresses.join(', ')}${services === '' ? '' : ` · ${services}`}`}
      />
      {sends && (
        <Choice
          label="Sends"
          value={host.sends ?? 'lock-step'}
          choices={STYLES}
          edit={chosen =>
            hostEdited(world, host, { sends: STYLES.find(({ value }) => value === chosen)?.value ?? 'lock-step' })
          }
        />
      )}
      <Remove what={host.id} edit={() => removeHost(world, host.id)} />
    </li>
  );
}

function withQuota(user: EditableUser, typed: string): EditableUser {
  const { quota: _quota, ...rest } = user;
  return typed === '' ? rest : { ...rest, quota: Number(typed) };
}

function UserRow({ world, user }: { readonly world: EditableWorld; readonly user: EditableUser }): ReactNode {
  return (
    <li className="world-row">
      <Field label={user.address} value={user.name} edit={name => userEdited(world, user, { ...user, name })} />
      <Field
        label="Mailbox holds, octets"
        value={user.quota === undefined ? '' : `${user.quota}`}
        numeric
        hint="empty: no limit"
        edit={typed =>
          /^\d*$/.test(typed)
            ? userEdited(world, user, withQuota(user, typed))
            : { ok: false, message: 'A whole number of octets, or nothing.' }
        }
      />
      <label className="world-check">
        <input
          type="checkbox"
          checked={user.leaveOnServer ?? false}
          onChange={event => void change(userEdited(world, user, { ...user, leaveOnServer: event.target.checked }))}
        />
        leaves mail on the server
      </label>
      <Remove what={user.name} edit={() => removeUser(world, user.address)} />
    </li>
  );
}

export function DomainCard({ world, domain }: { readonly world: EditableWorld; readonly domain: Domain }): ReactNode {
  const isHere = ({ address }: { readonly address: string }): boolean => domainOf(address) === domain.name;
  const clients = new Set(world.users.map(({ client }) => client));
  const hosts = world.hosts.filter(host => host.domain === domain.name && !clients.has(host.id));
  const servers = world.hosts.filter(({ kind, id }) => kind === 'server' && id !== world.dns);
  const choices = servers.map(({ id }) => ({ value: id, label: id }));
  const aliases = world.aliases.filter(isHere);
  const lists = world.lists.filter(isHere);
  return (
    <section className="world-domain" aria-label={domain.name}>
      <header>
        <h3>{domain.name}</h3>
        <Remove what={domain.name} edit={() => removeDomain(world, domain.name)} />
      </header>
      <div className="world-roles">
        <Choice
          label="Its people send by"
          value={domain.submission}
          choices={choices}
          edit={submission => domainEdited(world, domain, { submission })}
        />
        <Choice
          label="Its mailboxes are on"
          value={domain.pop}
          choices={choices}
          edit={pop => domainEdited(world, domain, { pop })}
        />
      </div>
      <details>
        <summary>Takes its mail: {domain.exchangers.join(', ') || 'nobody'}</summary>
        {servers.map(({ id }) => (
          <label key={id} className="world-check">
            <input
              type="checkbox"
              checked={domain.exchangers.includes(id)}
              onChange={event =>
                void change(
                  domainEdited(world, domain, {
                    exchangers: event.target.checked
                      ? [...domain.exchangers, id]
                      : domain.exchangers.filter(each => each !== id),
                  }),
                )
              }
            />
            {id}
          </label>
        ))}
      </details>
      <ul>
        {hosts.map(host => (
          <HostRow key={host.id} world={world} host={host} />
        ))}
        {world.users.filter(isHere).map(user => (
          <UserRow key={user.address} world={world} user={user} />
        ))}
        {aliases.map(alias => (
          <li className="world-row" key={alias.address}>
            <Field
              label={`${alias.address} goes on to`}
              value={alias.targets.join(', ')}
              edit={typed => aliasEdited(world, alias, addressesIn(typed))}
            />
            <Remove what={alias.address} edit={() => aliasRemoved(world, alias)} />
          </li>
        ))}
        {lists.map(list => (
          <li className="world-row" key={list.address}>
            <Field
              label={`List ${list.address}`}
              value={list.name}
              edit={name => listEdited(world, list, { name })}
              hint={`owner ${list.owner}`}
            />
            <Field
              label="Members"
              value={list.members.join(', ')}
              edit={typed => listEdited(world, list, { members: addressesIn(typed) })}
            />
            <Remove what={list.address} edit={() => listRemoved(world, list)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
